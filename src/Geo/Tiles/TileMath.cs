using Waypost.Geo.Crs;

namespace Waypost.Geo.Tiles;

/// <summary>The grid of web maps: WebMercatorQuad of OGC 17-083r4, y counted from the north.</summary>
public static class TileMath
{
    /// <summary>Half the length of the equator in Web Mercator, in metres.</summary>
    public const double WorldMetres = 20_037_508.342789244;

    /// <summary>Latitude where the square world of Web Mercator ends.</summary>
    public const double MostLatitude = 85.051128779806592;

    /// <summary>No zoom beyond this one is served.</summary>
    public const int MostZoom = 30;

    const int TilePixels = 256;

    // The finest zoom may fall short of the raster's resolution by a fifth; and a tile's own bounds fit in that tile.
    const double Slack = 0.25;
    const double Rounding = 1e-6;

    /// <summary>True when there is such a tile.</summary>
    public static bool Exists(int z, int x, int y) =>
        z is >= 0 and <= MostZoom && x >= 0 && y >= 0 && x < 1L << z && y < 1L << z;

    /// <summary>Bounds of a tile in Web Mercator metres (EPSG:3857).</summary>
    public static Extent Metres(int z, int x, int y)
    {
        var size = 2 * WorldMetres / (1L << z);
        return new(x * size - WorldMetres, WorldMetres - (y + 1) * size, (x + 1) * size - WorldMetres,
            WorldMetres - y * size);
    }

    /// <summary>Bounds of a tile in longitude and latitude.</summary>
    public static Extent LonLat(int z, int x, int y)
    {
        var metres = Metres(z, x, y);
        var (west, south) = CoordinateSystem.WebMercator.ToLonLat(metres.West, metres.South);
        var (east, north) = CoordinateSystem.WebMercator.ToLonLat(metres.East, metres.North);
        return new(west, south, east, north);
    }

    /// <summary>The tile that holds a place; places beyond the square world go to its edge.</summary>
    public static (int X, int Y) At(int z, double lon, double lat)
    {
        var (x, y) = Pixel(z, lon, lat, 1);
        var last = (1L << z) - 1;
        return ((int)Math.Clamp(Math.Floor(x), 0, last), (int)Math.Clamp(Math.Floor(y), 0, last));
    }

    /// <summary>Where a place lies in pixels from the north-west corner of the world.</summary>
    internal static (double X, double Y) Pixel(int z, double lon, double lat, int tilePixels)
    {
        var (x, y) = CoordinateSystem.WebMercator.FromLonLat(lon, Math.Clamp(lat, -MostLatitude, MostLatitude));
        var scale = tilePixels * (double)(1L << z) / (2 * WorldMetres);
        return ((x + WorldMetres) * scale, (WorldMetres - y) * scale);
    }

    /// <summary>
    /// The zooms between which tiles of a raster make sense: from where it fits in one tile to where one of its pixels
    /// is
    /// about one of the tile's.
    /// </summary>
    /// <param name="bounds">Longitude and latitude.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public static (int Min, int Max) Zooms(Extent bounds, int width, int height)
    {
        var east = bounds.CrossesAntimeridian ? bounds.East + 360 : bounds.East;
        var (left, top) = Pixel(0, bounds.West, bounds.North, TilePixels);
        var (right, bottom) = Pixel(0, east, bounds.South, TilePixels);
        // Pixels of the world at zoom 0 to pixels of the raster, and to one tile.
        var finest = Math.Max(width / Math.Max(right - left, 1e-9), height / Math.Max(bottom - top, 1e-9));
        var coarsest = TilePixels / Math.Max(Math.Max(right - left, bottom - top), 1e-9);
        var max = (int)Math.Clamp(Math.Ceiling(Math.Log2(finest) - Slack), 0, MostZoom);
        var min = (int)Math.Clamp(Math.Floor(Math.Log2(coarsest) + Rounding), 0, max);
        return (min, max);
    }
}
