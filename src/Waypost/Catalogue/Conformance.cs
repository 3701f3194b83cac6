namespace Waypost.Catalogue;

/// <summary>What the catalogue conforms to, in one list: <c>/</c> and <c>/conformance</c> both answer it.</summary>
/// <remarks>A class is added here when its tests are there, and listed in docs/guide/stac.md.</remarks>
static class Conformance
{
    const string Api = "https://api.stacspec.org/";
    const string Features = "http://www.opengis.net/spec/ogcapi-features-";

    static readonly string[] reading =
    [
        Api + "v1.0.0/core",
        Api + "v1.0.0/collections",
        Api + "v1.0.0/ogcapi-features",
        Api + "v1.0.0/item-search",
        Features + "1/1.0/conf/core",
        Features + "1/1.0/conf/geojson",
        Features + "1/1.0/conf/oas30",
        Api + "v1.0.0/item-search#fields",
        Api + "v1.0.0/ogcapi-features#fields",
        Api + "v1.1.0/item-search#sort",
        Api + "v1.1.0/ogcapi-features#sort",
        // What clients from before the extension had versions of its own look for.
        Api + "v1.0.0/item-search#sort",
        Api + "v1.0.0/ogcapi-features#sort",
        Api + "v1.0.0-rc.1/item-search#free-text",
        Api + "v1.0.0-rc.1/item-search#advanced-free-text",
        Api + "v1.0.0-rc.1/ogcapi-features#free-text",
        Api + "v1.0.0-rc.1/ogcapi-features#advanced-free-text",
        Api + "v1.0.0-rc.2/item-search#context",
        Api + "v1.0.0-rc.1/collection-search",
        Api + "v1.0.0-rc.1/collection-search#free-text",
        Api + "v1.0.0-rc.1/collection-search#advanced-free-text",
        Api + "v1.0.0-rc.1/collection-search#filter",
        Api + "v1.0.0-rc.1/collection-search#query",
        Api + "v1.0.0-rc.1/collection-search#fields",
        Api + "v1.1.0/collection-search#sort",
        Api + "v1.1.0/collection-search#sortables",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/simple-query",
        Api + "v1.0.0-rc.2/children",
        Api + "v1.0.0-rc.2/children#type-filter",
        Api + "v1.0.0-rc.3/browseable",
    ];

    static readonly string[] writing =
    [
        Api + "v1.0.0/ogcapi-features/extensions/transaction",
        Api + "v1.0.0/collections/extensions/transaction",
        Features + "4/1.0/conf/create-replace-delete",
        Features + "4/1.0/conf/update",
        Features + "4/1.0/conf/features",
        Features + "4/1.0/conf/optimistic-locking-etags",
    ];

    static readonly string[] all = [.. reading, .. writing];

    /// <summary>The classes that hold in a view: none but the internal one can be written to.</summary>
    public static string[] Of(View view) => view.IsOutside ? reading : all;
}
