namespace Waypost.Catalogue;

/// <summary>The catalogue: STAC collections and items, tiles of rasters, features of vectors.</summary>
static class CatalogueModule
{
    /// <summary>What the catalogue needs.</summary>
    public static void Add(IServiceCollection services, LinkSettings links) => services.AddSingleton(links);
}
