using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Waypost.Storage;

/// <summary>Rows as PostgreSQL's COPY takes them in its binary format, gathered until they are worth sending.</summary>
/// <remarks>The driver's importer writes value by value, each through a task and a converter that it looks up: it takes
/// several times as long as this. The format is fixed by the manual's page on COPY.</remarks>
sealed class PostgresCopy(Stream to) : IDisposable
{
    const int Enough = 256 << 10;

    /// <summary>2000-01-01 in .NET's ticks, from which PostgreSQL counts microseconds.</summary>
    const long Epoch = 630_822_816_000_000_000;

    static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    // Text that is no text is refused here, and not kept with something else in its place.
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    byte[] buffer = ArrayPool<byte>.Shared.Rent(Enough + (16 << 10));
    int length;

    /// <summary>Writes the rows from the format's first byte to its last; the caller completes the COPY.</summary>
    /// <returns>How many rows there were.</returns>
    public async Task<long> Write(IEnumerable<object?[]> rows, CancellationToken ct)
    {
        Signature.CopyTo(Room(Signature.Length));
        var count = 0L;
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt16BigEndian(Room(2), checked((short)row.Length));
            foreach (var value in row) Put(value);
            count++;
            if (length >= Enough) await Send(ct);
        }
        BinaryPrimitives.WriteInt16BigEndian(Room(2), -1);
        await Send(ct);
        return count;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    async Task Send(CancellationToken ct)
    {
        await to.WriteAsync(buffer.AsMemory(0, length), ct);
        length = 0;
    }

    void Put(object? value)
    {
        switch (value)
        {
            case null:
                BinaryPrimitives.WriteInt32BigEndian(Room(4), -1);
                break;
            case string text:
                Put(text);
                break;
            case long number:
                BinaryPrimitives.WriteInt64BigEndian(Field(8), number);
                break;
            case int number:
                BinaryPrimitives.WriteInt32BigEndian(Field(4), number);
                break;
            case double number:
                BinaryPrimitives.WriteDoubleBigEndian(Field(8), number);
                break;
            case bool truth:
                Field(1)[0] = truth ? (byte)1 : (byte)0;
                break;
            case byte[] bytes:
                bytes.CopyTo(Field(bytes.Length));
                break;
            case Guid id:
                id.TryWriteBytes(Field(16), bigEndian: true, out _);
                break;
            case DateTimeOffset time:
                BinaryPrimitives.WriteInt64BigEndian(
                    Field(8), (time.UtcTicks - Epoch) / TimeSpan.TicksPerMicrosecond);
                break;
            case Json document:
                Put(document.Text, isJson: true);
                break;
            case Enum choice:
                Put(choice.ToString());
                break;
            default:
                throw new InvalidOperationException($"COPY has not been taught {value.GetType()}.");
        }
    }

    // A jsonb starts with the version of its format.
    void Put(string text, bool isJson = false)
    {
        var start = length;
        var first = isJson ? 5 : 4;
        // The length is known when the bytes are there: to count them first would be to go through them twice.
        var room = Room(first + Utf8.GetMaxByteCount(text.Length));
        var written = Utf8.GetBytes(text, room[first..]);
        if (isJson) room[4] = 1;
        BinaryPrimitives.WriteInt32BigEndian(room, first - 4 + written);
        length = start + first + written;
    }

    Span<byte> Field(int size)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(4), size);
        return Room(size);
    }

    Span<byte> Room(int size)
    {
        if (buffer.Length - length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(buffer.Length * 2, length + size)));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        var room = buffer.AsSpan(length, size);
        length += size;
        return room;
    }
}
