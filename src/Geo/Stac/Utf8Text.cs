using System.Buffers;
using System.Text;

namespace Waypost.Geo.Stac;

/// <summary>JSON text being written in UTF-8, which can be taken back to an earlier length. Its memory is lent by a
/// pool and goes back with <see cref="Dispose"/>.</summary>
internal sealed class Utf8Text : IDisposable
{
    byte[] bytes = ArrayPool<byte>.Shared.Rent(4096);

    /// <summary>Bytes written; may be set back.</summary>
    public int Length { get; set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>True when the object or array that was opened last has nothing in it yet.</summary>
    public bool IsFresh => Length == 0 || bytes[Length - 1] is (byte)'{' or (byte)'[' or (byte)':';

    public void Add(byte one)
    {
        Reserve(1);
        bytes[Length++] = one;
    }

    public void Add(ReadOnlySpan<byte> many)
    {
        Reserve(many.Length);
        many.CopyTo(bytes.AsSpan(Length));
        Length += many.Length;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        Reserve(text.Length * 3);
        Length += Encoding.UTF8.GetBytes(text, bytes.AsSpan(Length));
    }

    /// <summary>A comma where one is needed before the next member.</summary>
    public void Separate()
    {
        if (!IsFresh)
            Add((byte)',');
    }

    /// <summary>A part of it as a string.</summary>
    public string Text(Range part) => Encoding.UTF8.GetString(Written[part]);

    /// <summary>Takes a part out.</summary>
    public void Cut(int start, int end)
    {
        Written[end..].CopyTo(bytes.AsSpan(start));
        Length -= end - start;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        Length = 0;
    }

    void Reserve(int more)
    {
        if (Length + more <= bytes.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, Length + more));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
