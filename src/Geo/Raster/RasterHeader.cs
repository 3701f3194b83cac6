using System.Globalization;
using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>
/// Reads and judges everything but the pixels, in the order in which a person would want to hear of trouble.
/// </summary>
sealed class RasterHeader
{
    const int Overview = 1;
    const int Mask = 4;
    const int MostColours = 65536;

    readonly List<GeodataWarning> _warnings = [];

    public required TiffDirectory Main { get; init; }
    public SampleFormat Format { get; private set; } = null!;
    public CoordinateSystem Crs { get; private set; } = CoordinateSystem.Wgs84;
    public bool CrsIsAssumed { get; private set; }
    public GeoTransform Transform { get; private set; }
    public int? AlphaBand { get; private set; }
    public IReadOnlyList<uint>? Palette { get; private set; }
    public List<RasterLevel> Levels { get; } = [];
    public IReadOnlyList<GeodataWarning> Warnings => _warnings;

    public static RasterFile Read(Stream stream, RasterOpenOptions options)
    {
        var source = new TiffSource(stream);
        var directories = TiffDirectory.ReadAll(source);
        var main = directories.Find(one => (one.Number(TiffTag.NewSubfileType, 0) & (Overview | Mask)) == 0)
            ?? directories[0];
        var header = new RasterHeader { Main = main };
        var keys = GeoKeys.Read(main);
        GeoKeyCrs.RefuseOtherBodies(keys);
        header.ReadFormat();
        header.ReadPlace(keys, options);
        header.CheckCompression();
        header.Levels.Add(new RasterLevel(main, header.Format));
        header.Levels[0].Check();
        header.ReadColours();
        header.ReadOthers(directories);
        return RasterFile.Make(stream, options, header);
    }

    void ReadFormat()
    {
        var bands = Main.Number(TiffTag.SamplesPerPixel, 1);
        if (bands is 0 or > RasterFile.MostBands)
            throw RasterFaults.BandCount((long)Math.Min(bands, long.MaxValue));
        var bits = One(TiffTag.BitsPerSample, "bits", 1);
        var kind = One(TiffTag.SampleFormat, "kinds of number", 1);
        var planar = Main.Number(TiffTag.PlanarConfiguration, 1) == 2 && bands > 1;
        var compression = (int)Math.Min(Main.Number(TiffTag.Compression, 1), int.MaxValue);
        var predictor = (int)Math.Min(Main.Number(TiffTag.Predictor, 1), int.MaxValue);
        if (compression is TiffCompression.None or TiffCompression.PackBits)
            predictor = Predictor.None;
        var extra = Main.Numbers(TiffTag.ExtraSamples, RasterFile.MostBands)
            .Select(value => (int)Math.Min(value, 3)).ToArray();
        var type = TypeOf(kind, bits);
        var noData = ReadNoData(type);
        Format = new(type, (int)bands, compression, predictor, planar,
            (int)Math.Min(Main.Number(TiffTag.Photometric, 1), int.MaxValue), extra, noData);
    }

    ulong One(ushort tag, string what, ulong otherwise)
    {
        var values = Main.Numbers(tag, RasterFile.MostBands);
        if (values.Distinct().Count() > 1)
            throw RasterFaults.Layout(
                $"its bands differ in their {what} ({string.Join(", ", values.Distinct())})",
                "Give all bands one type: `gdal_translate -ot Float32 in.tif out.tif`.");
        return values.Length > 0 ? values[0] : otherwise;
    }

    static SampleType TypeOf(ulong kind, ulong bits) => (kind, bits) switch
    {
        (1 or 4, 8) => SampleType.UInt8,
        (1 or 4, 16) => SampleType.UInt16,
        (1 or 4, 32) => SampleType.UInt32,
        (2, 8) => SampleType.Int8,
        (2, 16) => SampleType.Int16,
        (2, 32) => SampleType.Int32,
        (3, 32) => SampleType.Float32,
        (3, 64) => SampleType.Float64,
        (1 or 2 or 4, 64) => throw RasterFaults.SixtyFourBit(kind == 2 ? "int64" : "uint64"),
        (5 or 6, _) => throw RasterFaults.Layout(
            "its samples are complex numbers", "Write real and imaginary part, or magnitude, as bands of their own."),
        (1 or 2 or 3 or 4, _) => throw RasterFaults.Layout(
            $"its samples are {(kind == 3 ? "floats" : "integers")} of {bits} bits",
            "Widen the samples to 8, 16 or 32 bits: `gdal_translate -ot Byte in.tif out.tif`."),
        _ => throw RasterFaults.Corrupt($"sample format {kind} does not exist"),
    };

    double? ReadNoData(SampleType type)
    {
        var text = Main.Text(TiffTag.GdalNoData)?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || string.Equals(text, "nan", StringComparison.OrdinalIgnoreCase);
        if (isNumber && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            value = double.NaN;
        var stored = isNumber ? Samples.AsStored(type, value) : null;
        if (stored is null)
            _warnings.Add(new("NODATA_OUT_OF_RANGE",
                $"The nodata value {Shown(text)} is none that a {type.Name()} sample can have; it was ignored."));
        return stored;
    }

    void ReadPlace(GeoKeys keys, RasterOpenOptions options)
    {
        var transform = GeoReference.Read(Main, keys.PixelIsPoint, out var controlPoints);
        if (transform is null && controlPoints)
            throw RasterFaults.NoGeotransform(controlPoints);
        var own = GeoKeyCrs.Find(keys);
        CrsIsAssumed = own is null;
        Crs = own ?? options.AssumedCrs ?? throw RasterFaults.CrsMissing();
        Transform = transform ?? throw RasterFaults.NoGeotransform(controlPoints);
        if (CrsIsAssumed)
            _warnings.Add(new("CRS_ASSUMED",
                $"The file names no coordinate reference system; {Crs} was taken as told."));
        else if (options.AssumedCrs is { } told && told.ToString() != Crs.ToString())
            _warnings.Add(new("CRS_DIFFERS", $"The file says {Crs}; the {told} of the request was not used."));
    }

    void CheckCompression()
    {
        if (!TiffCompression.IsRead(Format.Compression))
            throw RasterFaults.Compression(Format.Compression);
        const string remedy = "Rewrite it: `gdal_translate -co COMPRESS=DEFLATE -co TILED=YES in.tif out.tif`.";
        if (Format.Predictor is not (Predictor.None or Predictor.Horizontal or Predictor.Float))
            throw RasterFaults.Layout($"predictor {Format.Predictor}", remedy);
        if (Format.Predictor == Predictor.Float && !Format.Type.IsFloat())
            throw RasterFaults.Corrupt("it has the predictor of floats on integers");
        if (Main.Number(TiffTag.FillOrder, 1) != 1)
            throw RasterFaults.Layout("its bits are in reversed order (FillOrder 2)", remedy);
        if (Format.Photometric is not (0 or 1 or 2 or 3))
            throw RasterFaults.Layout($"colours are {Colours(Format.Photometric)}",
                "Convert to red, green and blue: `gdal_translate -co PHOTOMETRIC=RGB in.tif out.tif`.");
    }

    static string Colours(int photometric) => photometric switch
    {
        4 => "a transparency mask",
        5 => "CMYK",
        6 => "YCbCr",
        8 or 9 or 10 => "CIE L*a*b*",
        _ => $"number {photometric}",
    };

    void ReadColours()
    {
        var firstExtra = Format.Bands - Format.ExtraSamples.Length;
        var alpha = Array.FindIndex(Format.ExtraSamples, kind => kind is 1 or 2);
        if (alpha >= 0 && firstExtra > 0)
            AlphaBand = firstExtra + alpha;
        if (Format.Photometric != 3)
            return;
        if (Format.Type is not (SampleType.UInt8 or SampleType.UInt16))
            throw RasterFaults.Layout($"a palette on {Format.Type.Name()} samples", "Use `gdal_translate -ot Byte`.");
        var size = Format.Type == SampleType.UInt8 ? 256 : MostColours;
        var map = Main.Numbers(TiffTag.ColorMap, 3 * size);
        if (map.Length != 3 * size)
            throw RasterFaults.Corrupt("its palette is missing or has the wrong size");
        var colours = new uint[size];
        for (var i = 0; i < size; i++)
            colours[i] = 0xFF000000 | (uint)(map[i] >> 8) << 16 | (uint)(map[size + i] >> 8) << 8
                | (uint)(map[2 * size + i] >> 8);
        if (Format.NoData is { } noData && noData >= 0 && noData < size)
            colours[(int)noData] &= 0x00FFFFFF;
        Palette = colours;
    }

    void ReadOthers(List<TiffDirectory> directories)
    {
        var (masks, images) = (0, 0);
        foreach (var directory in directories.Where(one => one != Main))
        {
            var kind = directory.Number(TiffTag.NewSubfileType, 0);
            if ((kind & Mask) != 0)
                masks++;
            else if ((kind & Overview) != 0)
                AddOverview(directory);
            else
                images++;
        }
        Levels.Sort((a, b) => ((long)b.Width * b.Height).CompareTo((long)a.Width * a.Height));
        if (masks > 0)
            _warnings.Add(new("MASK_IGNORED",
                "The file has a mask of its own, which is not read; use nodata or alpha.", masks));
        if (images > 0)
            _warnings.Add(new("FURTHER_IMAGES_IGNORED", "The file holds more than one image; only the first is read.",
                images));
        if (CogGhost.Read(Main.Source) is { IsEdited: true })
            _warnings.Add(new("SOURCE_COG_INVALID",
                "The file was a cloud-optimized GeoTIFF until it was edited in place; a new one is written."));
    }

    // An overview that is not laid out as the image is never needed to read the image: it is left out.
    void AddOverview(TiffDirectory directory)
    {
        var main = Levels[0];
        var isAlike = directory.Number(TiffTag.SamplesPerPixel, 1) == (ulong)Format.Bands
            && directory.Number(TiffTag.BitsPerSample, 1) == (ulong)Format.Type.Bytes() * 8
            && (directory.Number(TiffTag.PlanarConfiguration, 1) == 2 && Format.Bands > 1) == Format.Planar
            && directory.Number(TiffTag.Compression, 1) is var scheme && scheme <= int.MaxValue
            && TiffCompression.IsRead((int)scheme)
            && directory.Number(TiffTag.ImageWidth, 0) is > 0 and var width && width <= (ulong)main.Width
            && directory.Number(TiffTag.ImageLength, 0) is > 0 and var height && height <= (ulong)main.Height;
        var predictor = directory.Number(TiffTag.Predictor, 1);
        if (!isAlike || predictor is not (1 or 2 or 3))
            return;
        var compression = (int)directory.Number(TiffTag.Compression, 1);
        Levels.Add(new RasterLevel(directory, Format with
        {
            Compression = compression,
            Predictor = compression is TiffCompression.None or TiffCompression.PackBits ? Predictor.None
                : (int)predictor,
        }));
    }

    static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
