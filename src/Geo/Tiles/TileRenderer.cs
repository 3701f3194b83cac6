using Waypost.Geo.Crs;
using Waypost.Geo.Raster;

namespace Waypost.Geo.Tiles;

/// <summary>Draws the tiles of web maps, and thumbnails, out of a COG.</summary>
public static class TileRenderer
{
    const int MostTilePixels = 1024;
    const int MostWindowBytes = 64 << 20;

    /// <summary>A tile as PNG, or null when nothing of the raster is on it.</summary>
    /// <param name="cog">A raster with overviews; several threads may draw from it.</param>
    /// <param name="z">Zoom.</param>
    /// <param name="x">Column from the antimeridian eastwards.</param>
    /// <param name="y">Row from the north.</param>
    /// <param name="style">How values become colours.</param>
    /// <param name="sizePixels">Side of the picture: 256, or 512 for fine screens.</param>
    /// <exception cref="BadGeodataException">
    /// The file is damaged, or <c>UNSUPPORTED_LAYOUT</c>: it has no overviews to draw so small a scale from.
    /// </exception>
    public static byte[]? RenderPng(RasterFile cog, int z, int x, int y, RenderStyle style, int sizePixels = 256)
    {
        if (!TileMath.Exists(z, x, y))
            throw new ArgumentOutOfRangeException(nameof(z), $"There is no tile {z}/{x}/{y}.");
        ArgumentOutOfRangeException.ThrowIfNotEqual(sizePixels is > 0 and <= MostTilePixels, true, nameof(sizePixels));
        if (Part(cog, z, x, y, sizePixels) is not { } part)
            return null;
        var grid = new SourceGrid(cog, (z, x, y, sizePixels), part);
        var pixels = new uint[sizePixels * sizePixels];
        if (!Draw(cog, grid, part, sizePixels, style, pixels))
            return null;
        return Png.Encode(pixels, sizePixels, sizePixels);
    }

    /// <summary>A small picture of the whole raster in its own orientation, as PNG.</summary>
    /// <param name="cog">A raster with overviews.</param>
    /// <param name="style">How values become colours.</param>
    /// <param name="mostPixels">Length of the longer side.</param>
    public static byte[] Thumbnail(RasterFile cog, RenderStyle style, int mostPixels = 256)
    {
        var scale = Math.Max(1, Math.Max(cog.Width, cog.Height) / (double)mostPixels);
        var width = Math.Max(1, (int)Math.Round(cog.Width / scale));
        var height = Math.Max(1, (int)Math.Round(cog.Height / scale));
        var window = Window.Read(cog, scale, (0, 0, cog.Width, cog.Height));
        var sampler = new Sampler(cog, window, new Colouring(cog, style), style.Smooth);
        var pixels = new uint[width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                pixels[y * width + x] = sampler.At((x + 0.5) * cog.Width / width, (y + 0.5) * cog.Height / height);
        return Png.Encode(pixels, width, height);
    }

    // The pixels of a tile that can have something on them.
    static (int Left, int Top, int Right, int Bottom)? Part(RasterFile raster, int z, int x, int y, int size)
    {
        var place = raster.Transform;
        var footprint = Footprint.Of(raster.Crs,
        [
            place.Apply(0, 0), place.Apply(0, raster.Height), place.Apply(raster.Width, raster.Height),
            place.Apply(raster.Width, 0),
        ]);
        if (footprint is null)
            return null;
        var (left, top, right, bottom) = (size, size, 0, 0);
        foreach (var ring in footprint.Polygons)
        {
            var (west, north) = TileMath.Pixel(z, ring.Min(p => p[0]), ring.Max(p => p[1]), size);
            var (east, south) = TileMath.Pixel(z, ring.Max(p => p[0]), ring.Min(p => p[1]), size);
            left = Math.Min(left, Cut(west - (double)x * size - 1, size));
            top = Math.Min(top, Cut(north - (double)y * size - 1, size));
            right = Math.Max(right, Cut(east - (double)x * size + 2, size));
            bottom = Math.Max(bottom, Cut(south - (double)y * size + 2, size));
        }
        return left < right && top < bottom ? (left, top, right, bottom) : null;
    }

    static int Cut(double pixel, int size) => (int)Math.Clamp(Math.Floor(pixel), 0, size);

    static bool Draw(
        RasterFile raster, SourceGrid grid, (int Left, int Top, int Right, int Bottom) part, int size,
            RenderStyle style,
        uint[] pixels)
    {
        var places = new (double Column, double Row)[(part.Right - part.Left) * (part.Bottom - part.Top)];
        var wrap = WorldColumns(raster);
        var (minColumn, minRow, maxColumn, maxRow) = (double.MaxValue, double.MaxValue, double.MinValue,
            double.MinValue);
        for (int y = part.Top, at = 0; y < part.Bottom; y++)
            for (var x = part.Left; x < part.Right; x++, at++)
            {
                var (column, row) = grid.At(x, y);
                if (column < 0)
                    column += wrap;
                else if (column >= raster.Width)
                    column -= wrap;
                var isInside = column >= 0 && column < raster.Width && row >= 0 && row < raster.Height;
                places[at] = isInside ? (column, row) : (double.NaN, double.NaN);
                if (!isInside)
                    continue;
                (minColumn, maxColumn) = (Math.Min(minColumn, column), Math.Max(maxColumn, column));
                (minRow, maxRow) = (Math.Min(minRow, row), Math.Max(maxRow, row));
            }
        if (minColumn > maxColumn)
            return false;
        var window = Window.Read(raster, Scale(grid, part), (minColumn, minRow, maxColumn, maxRow));
        var sampler = new Sampler(raster, window, new Colouring(raster, style), style.Smooth);
        var shown = 0u;
        for (int y = part.Top, at = 0; y < part.Bottom; y++)
            for (var x = part.Left; x < part.Right; x++, at++)
                if (!double.IsNaN(places[at].Column))
                    shown |= pixels[y * size + x] = sampler.At(places[at].Column, places[at].Row);
        return shown >> 24 != 0;
    }

    // Columns once around the world, for rasters that may be off by a turn; 0 for others.
    static double WorldColumns(RasterFile raster) => !raster.Transform.IsAxisAligned ? 0
        : raster.Crs.IsGeographic ? 360 / Math.Abs(raster.Transform.ColumnX)
        : raster.Crs.Epsg == 3857 ? 2 * TileMath.WorldMetres / Math.Abs(raster.Transform.ColumnX) : 0;

    // Pixels of the full resolution to one of the tile, measured where both ends are known.
    static double Scale(SourceGrid grid, (int Left, int Top, int Right, int Bottom) part)
    {
        foreach (var share in (double[])[0.5, 0.25, 0.75, 0, 1])
        {
            var x = part.Left + (int)((part.Right - 1 - part.Left) * share);
            var y = part.Top + (int)((part.Bottom - 1 - part.Top) * share);
            var (here, right, below) = (grid.At(x, y), grid.At(x + 1, y), grid.At(x, y + 1));
            var scale = Math.Min(
                Math.Sqrt(Square(right.Column - here.Column) + Square(right.Row - here.Row)),
                Math.Sqrt(Square(below.Column - here.Column) + Square(below.Row - here.Row)));
            if (double.IsFinite(scale))
                return scale;
        }
        return 1;
    }

    static double Square(double value) => value * value;

    /// <summary>A window of the level that suits a scale, in memory.</summary>
    internal sealed record Window(byte[] Pixels, int Level, int X, int Y, int Width, int Height, double FactorX,
        double FactorY)
    {
        /// <summary>
        /// Reads what a box of full-resolution pixels needs, at the coarsest level that is still fine enough.
        /// </summary>
        public static Window Read(
            RasterFile raster, double scale, (double MinColumn, double MinRow, double MaxColumn, double MaxRow) box)
        {
            var index = 0;
            while (index + 1 < raster.Levels.Count
                && raster.Width / (double)raster.Levels[index + 1].Width <= scale * 1.05)
                index++;
            var level = raster.Levels[index];
            // Odd sizes are rounded up level by level, so a level's pixel is this much, not a power of two.
            var (fx, fy) = ((double)level.Width / raster.Width, (double)level.Height / raster.Height);
            var x = Math.Clamp((int)(box.MinColumn * fx) - 1, 0, level.Width - 1);
            var y = Math.Clamp((int)(box.MinRow * fy) - 1, 0, level.Height - 1);
            var width = Math.Clamp((int)(box.MaxColumn * fx) + 2, x + 1, level.Width) - x;
            var height = Math.Clamp((int)(box.MaxRow * fy) + 2, y + 1, level.Height) - y;
            if ((long)width * height * raster.PixelBytes > MostWindowBytes)
                throw new BadGeodataException(new("UNSUPPORTED_LAYOUT", GeodataCategory.DataIncompatible,
                    "The raster has no overviews to draw a picture of this scale from.",
                    "Write it as a cloud-optimized GeoTIFF first."));
            var pixels = GC.AllocateUninitializedArray<byte>(width * height * raster.PixelBytes);
            raster.Read(index, x, y, width, height, pixels);
            return new(pixels, index, x, y, width, height, fx, fy);
        }
    }
}
