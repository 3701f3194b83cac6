using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Waypost.Geo.Crs;
using Waypost.Geo.Raster;
using Waypost.Geo.Tests.Raster;
using Waypost.Geo.Tiles;
using Xunit;

namespace Waypost.Geo.Tests.Tiles;

/// <summary>Tiles show the right pixel at the right place.</summary>
public sealed class TileRendererTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public void A_tile_of_a_web_mercator_raster_on_the_grid_is_its_pixels()
    {
        var size = 2 * TileMath.WorldMetres / 1024 / 256;
        var bounds = TileMath.Metres(10, 500, 400);
        var (cog, style) = Cog(new()
        {
            Width = 256,
            Height = 256,
            Epsg = 3857,
            Bands = 3,
            Photometric = 2,
            Value = (x, y, band) =>
                (x * 3 + y * 5 + band * 9) & 0xFF,
            Scale = [size, size, 0],
            Tie = [0, 0, 0, bounds.West, bounds.North, 0],
        });
        var picture = Picture.Of(TileRenderer.RenderPng(cog, 10, 500, 400, style with { Smooth = false })!);
        for (var y = 0; y < 256; y++)
            for (var x = 0; x < 256; x++)
                Assert.Equal((byte)(x * 3 + y * 5), picture.Rgba(x, y)[0]);
        Assert.Null(TileRenderer.RenderPng(cog, 10, 502, 400, style));
        Assert.Null(TileRenderer.RenderPng(cog, 10, 500, 402, style));
    }

    public static TheoryData<int, double, double> Places => new()
    {
        { 32631, 3.2, 47.1 }, { 32733, 15.5, -33.3 }, { 4326, -70.2, -20.9 }, { 3035, 12.45, 51.7 },
            { 5070, -100.1, 40.2 },
        { 32660, 179.9, 51.5 },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_mark_on_the_ground_is_drawn_where_it_lies(int epsg, double lon, double lat)
    {
        var crs = CoordinateSystem.FromEpsg(epsg);
        var pixel = epsg == 4326 ? 0.0005 : 50;
        var (markX, markY) = crs.FromLonLat(lon, lat);
        // A mark of 30 pixels around the place, in the middle of 2,000.
        var style = new RenderStyle(RenderMode.Ramp, [0], [100], [1000], Ramp.Gray, Smooth: true);
        var (cog, _) = Cog(new()
        {
            Width = 2000,
            Height = 2000,
            Epsg = epsg,
            Scale = [pixel, pixel, 0],
            Type = SampleType.UInt16,
            Tie = [1000, 1000, 0, markX, markY, 0],
            Value = (x, y, _) => Math.Abs(x - 999.5) < 15 && Math.Abs(y - 999.5) < 15 ? 1000 : 100 + x * y % 97,
        });
        foreach (var z in (int[])[8, 10, 11])
        {
            var (x, y) = TileMath.At(z, lon, lat);
            var picture = Picture.Of(TileRenderer.RenderPng(cog, z, x, y, style)!);
            var (column, row) = TileMath.Pixel(z, lon, lat, 256);
            var centre = picture.CentreOfBright();
            Assert.InRange(centre.X, column - 256d * x - 1.0, column - 256d * x + 1.0);
            Assert.InRange(centre.Y, row - 256d * y - 1.0, row - 256d * y + 1.0);
        }
    }

    [Fact]
    public void Both_sides_of_the_antimeridian_have_tiles()
    {
        var (cog, style) = Cog(new()
        {
            Width = 600,
            Height = 600,
            Epsg = 32660,
            Scale = [500, 500, 0],
            Tie = [0, 0, 0, 550_000, 5_800_000, 0],
        });
        Assert.NotNull(TileRenderer.RenderPng(cog, 5, 31, 10, style));
        Assert.NotNull(TileRenderer.RenderPng(cog, 5, 0, 10, style));
        Assert.Null(TileRenderer.RenderPng(cog, 5, 15, 10, style));
    }

    [Fact]
    public void Nodata_and_transparency_let_the_map_through()
    {
        var (holed, style) = Cog(new()
        {
            Width = 512,
            Height = 512,
            Epsg = 3857,
            NoData = "0",
            Tie = [0, 0, 0, 0, 0, 0],
            Scale = [100, 100, 0],
            Value = (x, _, _) => x < 256 ? 0 : 1 + x % 200,
        });
        var (tileX, tileY) = TileMath.At(9, 0.2, -0.2);
        var picture = Picture.Of(TileRenderer.RenderPng(holed, 9, tileX, tileY, style)!);
        Assert.Equal(0, picture.Rgba(20, 100)[3]);
        Assert.Equal(255, picture.Rgba(150, 100)[3]);
    }

    [Fact]
    public void A_style_survives_json()
    {
        var (_, style) = Cog(new() { Bands = 4, Type = SampleType.UInt16 });
        var back = JsonSerializer.Deserialize<RenderStyle>(JsonSerializer.Serialize(style))!;
        Assert.Equal(style.Bands, back.Bands);
        Assert.Equal(style with { Bands = [], Low = [], High = [] },
            back with { Bands = style.Bands is null ? [] : [], Low = [], High = [] });
    }

    [Fact]
    public void A_thumbnail_keeps_the_shape()
    {
        var (cog, style) = Cog(new() { Width = 1000, Height = 500, Bands = 3, Photometric = 2 });
        var picture = Picture.Of(TileRenderer.Thumbnail(cog, style));
        Assert.Equal((256, 128), (picture.Width, picture.Height));
    }

    static (RasterFile Cog, RenderStyle Style) Cog(TestTiff tiff)
    {
        using var source = RasterFile.Open(tiff.Stream());
        var report = RasterValidation.Validate(source, progress: null, Ct);
        var output = new MemoryStream();
        CogWriter.Write(source, output, CogOptions.For(report, Path.GetTempPath()), progress: null, Ct);
        return (RasterFile.Open(output), RenderStyle.For(report));
    }

    /// <summary>A PNG taken apart by the letter of its standard.</summary>
    sealed record Picture(int Width, int Height, int Kind, byte[] Pixels, byte[] Palette, byte[] Alpha)
    {
        int PixelBytes => Kind switch { 2 => 3, 6 => 4, _ => 1 };

        public byte[] Rgba(int x, int y)
        {
            var at = Pixels.AsSpan((y * Width + x) * PixelBytes, PixelBytes);
            return Kind switch
            {
                2 => [.. at, 255],
                6 => at.ToArray(),
                _ => [.. Palette.AsSpan(3 * at[0], 3), at[0] < Alpha.Length ? Alpha[at[0]] : (byte)255],
            };
        }

        public (double X, double Y) CentreOfBright()
        {
            var (x, y, count) = (0d, 0d, 0d);
            for (var i = 0; i < Width * Height; i++)
            {
                var rgba = Rgba(i % Width, i / Width);
                if (rgba[3] == 0 || rgba[0] < 60)
                    continue;
                x += (i % Width + 0.5) * rgba[0];
                y += (i / Width + 0.5) * rgba[0];
                count += rgba[0];
            }
            return (x / count, y / count);
        }

        public static Picture Of(byte[] png)
        {
            var parts = new Dictionary<string, byte[]>();
            for (var at = 8; at < png.Length;)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
                parts[System.Text.Encoding.ASCII.GetString(png, at + 4, 4)] = png[(at + 8)..(at + 8 + length)];
                at += 12 + length;
            }
            var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(parts["IHDR"]),
                BinaryPrimitives.ReadInt32BigEndian(parts["IHDR"].AsSpan(4)));
            int kind = parts["IHDR"][9];
            var size = kind switch { 2 => 3, 6 => 4, _ => 1 };
            var raw = new MemoryStream();
            using (var zlib = new ZLibStream(new MemoryStream(parts["IDAT"]), CompressionMode.Decompress))
                zlib.CopyTo(raw);
            return new(width, height, kind, Unfilter(raw.ToArray(), width * size, height, size),
                parts.GetValueOrDefault("PLTE") ?? [], parts.GetValueOrDefault("tRNS") ?? []);
        }

        static byte[] Unfilter(byte[] raw, int rowBytes, int height, int size)
        {
            var pixels = new byte[rowBytes * height];
            for (var y = 0; y < height; y++)
                for (var i = 0; i < rowBytes; i++)
                {
                    var before = raw[y * (rowBytes + 1)] switch
                    {
                        0 => 0,
                        1 => i >= size ? pixels[y * rowBytes + i - size] : 0,
                        2 => y > 0 ? pixels[(y - 1) * rowBytes + i] : 0,
                        var other => throw new InvalidDataException($"filter {other}"),
                    };
                    pixels[y * rowBytes + i] = (byte)(raw[y * (rowBytes + 1) + 1 + i] + before);
                }
            return pixels;
        }
    }
}
