namespace Waypost.Catalogue;

/// <summary>What the catalogue conforms to, in one list: <c>/</c> and <c>/conformance</c> both answer it.</summary>
/// <remarks>A class is added here when its tests are there, and listed in docs/guide/stac.md.</remarks>
static class Conformance
{
    const string Api = "https://api.stacspec.org/";
    const string Features = "http://www.opengis.net/spec/ogcapi-features-";
    const string Cql2 = "http://www.opengis.net/spec/cql2/1.0/conf/";

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
        Api + "v1.0.0/item-search#filter",
        // What older clients look for.
        Api + "v1.0.0-rc.2/item-search#filter",
        Api + "v1.0.0-rc.3/item-search#filter",
        Api + "v1.1.0/item-search#sortables",
        Features + "3/1.0/conf/filter",
        Features + "3/1.0/conf/features-filter",
        Features + "3/1.0/conf/queryables",
        Features + "5/1.0/conf/sortables",
        Cql2 + "cql2-text",
        Cql2 + "cql2-json",
        Cql2 + "basic-cql2",
        Cql2 + "advanced-comparison-operators",
        Cql2 + "case-insensitive-comparison",
        Cql2 + "accent-insensitive-comparison",
        Cql2 + "basic-spatial-functions",
        Cql2 + "basic-spatial-functions-plus",
        Cql2 + "spatial-functions",
        Cql2 + "temporal-functions",
        Cql2 + "array-functions",
        Cql2 + "property-property",
        Cql2 + "functions",
        Cql2 + "arithmetic",
        Api + "v1.0.0/item-search#query",
        Api + "v1.0.0/ogcapi-features#query",
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
        Api + "v1.0.0-rc.1/collection-search#sort",
        Api + "v1.1.0/collection-search#sortables",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/simple-query",
        Api + "v0.3.0/aggregation",
        Api + "v0.3.0/aggregation#query",
        Api + "v0.3.0/aggregation#filter",
        Api + "v1.0.0-rc.2/children",
        Api + "v1.0.0-rc.2/children#type-filter",
        Api + "v1.0.0-rc.3/browseable",
        Api + "v1.0.0-rc.2/language",
    ];

    static readonly string[] writing =
    [
        Api + "v1.0.0/ogcapi-features/extensions/transaction",
        Api + "v1.0.0/collections/extensions/transaction",
        Features + "4/1.0/conf/create-replace-delete",
        Features + "4/1.0/conf/update",
        Features + "4/1.0/conf/features",
        Features + "4/1.0/conf/optimistic-locking-etags",
        Features + "4/1.0/conf/optimistic-locking-timestamps",
    ];

    static readonly string[] all = [.. reading, .. writing];

    /// <summary>The classes that hold in a view: none but the internal one can be written to.</summary>
    public static string[] Of(View view) => view.IsOutside ? reading : all;
}
