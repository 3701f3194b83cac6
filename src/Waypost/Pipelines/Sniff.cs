using Waypost.Geo;

namespace Waypost.Pipelines;

/// <summary>Looks at a file's first bytes to see whether it is of the type that the request says.</summary>
static class Sniff
{
    /// <summary>Bytes that suffice to tell.</summary>
    const int HeadBytes = 64;

    /// <summary>Refuses a file that is plainly of the other type; anything unclear is left to the reader.</summary>
    /// <exception cref="BadGeodataException">DATA_TYPE_MISMATCH.</exception>
    public static void Check(Stream file, DataType expected)
    {
        var head = new byte[HeadBytes];
        file.Position = 0;
        var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (TypeOf(head.AsSpan(0, length)) is not { } found || found == expected) return;
        throw new BadGeodataException(new GeodataFault(
            "DATA_TYPE_MISMATCH", GeodataCategory.ParameterError,
            found == DataType.Raster
                ? "The request says vector, and the file is a TIFF, which is a raster."
                : "The request says raster, and the file is JSON text, which may be a vector.",
            $"Submit it as a new version with request_type {found.Word()}, or send the right file."));
    }

    static DataType? TypeOf(ReadOnlySpan<byte> head)
    {
        if (head is [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..])
            return DataType.Raster;
        if (head.StartsWith("\uFEFF"u8)) head = head[3..];
        head = head.TrimStart(" \t\r\n"u8);
        return head is [(byte)'{', ..] ? DataType.Vector : null;
    }
}
