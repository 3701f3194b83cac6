namespace Waypost.Geo.Raster;

/// <summary>The tags that are read or written: TIFF 6.0, GeoTIFF 1.1 (OGC 19-008) and GDAL's own.</summary>
static class TiffTag
{
    public const ushort NewSubfileType = 254;
    public const ushort ImageWidth = 256;
    public const ushort ImageLength = 257;
    public const ushort BitsPerSample = 258;
    public const ushort Compression = 259;
    public const ushort Photometric = 262;
    public const ushort FillOrder = 266;
    public const ushort StripOffsets = 273;
    public const ushort SamplesPerPixel = 277;
    public const ushort RowsPerStrip = 278;
    public const ushort StripByteCounts = 279;
    public const ushort PlanarConfiguration = 284;
    public const ushort Predictor = 317;
    public const ushort ColorMap = 320;
    public const ushort TileWidth = 322;
    public const ushort TileLength = 323;
    public const ushort TileOffsets = 324;
    public const ushort TileByteCounts = 325;
    public const ushort ExtraSamples = 338;
    public const ushort SampleFormat = 339;
    public const ushort ModelPixelScale = 33550;
    public const ushort ModelTiepoint = 33922;
    public const ushort ModelTransformation = 34264;
    public const ushort GeoKeyDirectory = 34735;
    public const ushort GeoDoubleParams = 34736;
    public const ushort GeoAsciiParams = 34737;
    public const ushort GdalMetadata = 42112;
    public const ushort GdalNoData = 42113;
}

/// <summary>The types of TIFF fields.</summary>
static class TiffType
{
    public const ushort Byte = 1;
    public const ushort Ascii = 2;
    public const ushort Short = 3;
    public const ushort Long = 4;
    public const ushort Float = 11;
    public const ushort Double = 12;
    public const ushort Long8 = 16;

    /// <summary>Bytes of one value; 0 for a type that does not exist.</summary>
    public static int Size(ushort type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };
}

/// <summary>Compression schemes.</summary>
static class TiffCompression
{
    public const int None = 1;
    public const int Lzw = 5;
    public const int Deflate = 8;
    public const int PackBits = 32773;
    public const int OldDeflate = 32946;

    public static bool IsRead(int scheme) => scheme is None or Lzw or Deflate or PackBits or OldDeflate;

    /// <summary>Name of a scheme, for a person.</summary>
    public static string Name(int scheme) => scheme switch
    {
        None => "none",
        2 => "CCITT RLE",
        3 => "CCITT Group 3",
        4 => "CCITT Group 4",
        Lzw => "LZW",
        6 => "JPEG (old style)",
        7 => "JPEG",
        Deflate or OldDeflate => "DEFLATE",
        PackBits => "PackBits",
        33003 or 33005 or 34712 => "JPEG 2000",
        34887 => "LERC",
        34925 => "LZMA",
        50000 => "ZSTD",
        50001 => "WebP",
        50002 or 52546 => "JPEG XL",
        _ => $"number {scheme}",
    };
}
