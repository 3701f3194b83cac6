using System.Buffers.Binary;

namespace Waypost.Geo.Raster;

/// <summary>The bytes of a TIFF with its byte order: every read is checked against the length first.</summary>
/// <remarks>One lock around seek and read lets several threads read blocks of one file.</remarks>
sealed class TiffSource
{
    readonly Lock _gate = new();
    readonly Stream _stream;

    public TiffSource(Stream stream)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("A raster is read from a stream that can seek.", nameof(stream));
        _stream = stream;
        Length = stream.Length;
        ReadHeader();
    }

    public long Length { get; }
    public bool BigEndian { get; private set; }
    public bool IsBig { get; private set; }
    public long FirstDirectory { get; private set; }

    public void Read(long offset, Span<byte> into, string what)
    {
        if (offset < 0 || offset > Length - into.Length)
            throw RasterFaults.Truncated(what, Length);
        lock (_gate)
        {
            _stream.Position = offset;
            // A file that shrinks while it is read is truncated too.
            if (_stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) < into.Length)
                throw RasterFaults.Truncated(what, Length);
        }
    }

    public ushort U16(ReadOnlySpan<byte> at) =>
        BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

    public uint U32(ReadOnlySpan<byte> at) =>
        BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    public ulong U64(ReadOnlySpan<byte> at) =>
        BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(at) : BinaryPrimitives.ReadUInt64LittleEndian(at);

    void ReadHeader()
    {
        if (Length == 0)
            throw RasterFaults.Empty();
        if (Length < 4)
            throw RasterFaults.NotATiff();
        Span<byte> header = stackalloc byte[16];
        Read(0, header[..4], "the header");
        if (!header[..2].SequenceEqual("II"u8) && !header[..2].SequenceEqual("MM"u8))
            throw RasterFaults.NotATiff();
        BigEndian = header[0] == 'M';
        var version = U16(header[2..]);
        if (version is not (42 or 43))
            throw RasterFaults.NotATiff();
        IsBig = version == 43;
        var size = IsBig ? 16 : 8;
        Read(0, header[..size], "the header");
        if (IsBig && (U16(header[4..]) != 8 || U16(header[6..]) != 0))
            throw RasterFaults.Corrupt("its BigTIFF header has offsets of an unknown size");
        var first = IsBig ? U64(header[8..]) : U32(header[4..]);
        if (first < (ulong)size)
            throw RasterFaults.Corrupt("its header points to no image");
        FirstDirectory = first > long.MaxValue ? long.MaxValue : (long)first;
    }
}
