using System.Globalization;
using System.Text;

namespace Waypost.Geo.Raster;

/// <summary>The lines that GDAL's COG driver leaves between header and first image (the "ghost area").</summary>
/// <remarks>https://gdal.org/drivers/raster/cog.html, section "Header ghost area".</remarks>
/// <param name="Text">The lines.</param>
/// <param name="Bytes">Size of the area, its first line included.</param>
sealed record CogGhost(string Text, int Bytes)
{
    const string First = "GDAL_STRUCTURAL_METADATA_SIZE=";
    const int FirstBytes = 43;
    const int MostBytes = 1 << 16;

    /// <summary>
    /// What is written: the promises that <see cref="CogWriter"/> keeps. The last space makes room for YES.
    /// </summary>
    public static byte[] Written { get; } = Make();

    /// <summary>True when a program that did not understand the layout changed the file.</summary>
    public bool IsEdited => Says("KNOWN_INCOMPATIBLE_EDITION=YES");

    /// <summary>True when the area has this line.</summary>
    public bool Says(string line) => Text.Split('\n').Any(one => one.Trim() == line);

    /// <summary>The area of a file, or null when it has none.</summary>
    public static CogGhost? Read(TiffSource source)
    {
        var at = source.IsBig ? 16 : 8;
        if (source.Length < at + FirstBytes)
            return null;
        Span<byte> first = stackalloc byte[FirstBytes];
        source.Read(at, first, "the header");
        var line = Encoding.Latin1.GetString(first);
        if (!line.StartsWith(First, StringComparison.Ordinal)
            || !int.TryParse(line.AsSpan(First.Length, 6), NumberStyles.None, CultureInfo.InvariantCulture,
                out var size)
            || size > MostBytes || size > source.Length - at - FirstBytes)
            return null;
        var lines = new byte[size];
        source.Read(at + FirstBytes, lines, "the header");
        return new(Encoding.Latin1.GetString(lines), FirstBytes + size);
    }

    static byte[] Make()
    {
        const string lines = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n"
            + "BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";
        return Encoding.Latin1.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{First}{lines.Length:D6} bytes\n{lines}"));
    }
}
