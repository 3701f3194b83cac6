using System.Globalization;
using System.Text;

namespace Waypost.Wire.Torrents;

/// <summary>A value of BitTorrent's encoding (BEP 3): bytes, a whole number, a list or a dictionary. There is one way
/// to write each value, which is why a hash can name it.</summary>
public abstract record Bencode
{
    private protected Bencode()
    {
    }

    /// <summary>How deep lists and dictionaries may stand in each other.</summary>
    public const int MostDepth = 64;

    /// <summary>A string of bytes; mostly UTF-8.</summary>
    public sealed record Text(ReadOnlyMemory<byte> Bytes) : Bencode
    {
        /// <summary>This text in UTF-8.</summary>
        public Text(string text) : this(Encoding.UTF8.GetBytes(text))
        {
        }

        /// <summary>The bytes read as UTF-8.</summary>
        public string Said => Encoding.UTF8.GetString(Bytes.Span);

        /// <inheritdoc/>
        public bool Equals(Text? other) => other is not null && Bytes.Span.SequenceEqual(other.Bytes.Span);

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(Bytes.Span);
            return hash.ToHashCode();
        }
    }

    /// <summary>A whole number.</summary>
    public sealed record Whole(long Value) : Bencode;

    /// <summary>Values in their order.</summary>
    public sealed record Row(IReadOnlyList<Bencode> Values) : Bencode
    {
        /// <inheritdoc/>
        public bool Equals(Row? other) => other is not null && Values.SequenceEqual(other.Values);

        /// <inheritdoc/>
        public override int GetHashCode() => Values.Aggregate(17, (hash, value) => HashCode.Combine(hash, value));
    }

    /// <summary>Values by name, in the order of the names' bytes.</summary>
    public sealed record Map : Bencode
    {
        readonly List<KeyValuePair<Text, Bencode>> members;

        /// <summary>These members, in whatever order.</summary>
        /// <exception cref="ArgumentException">Two have the same name.</exception>
        public Map(IEnumerable<KeyValuePair<Text, Bencode>> members)
        {
            this.members = [.. members];
            this.members.Sort((a, b) => a.Key.Bytes.Span.SequenceCompareTo(b.Key.Bytes.Span));
            for (var i = 1; i < this.members.Count; i++)
                if (this.members[i].Key.Equals(this.members[i - 1].Key))
                    throw new ArgumentException($"The name {this.members[i].Key.Said} stands there twice.");
        }

        /// <summary>These members, named in UTF-8; those without a value are left out.</summary>
        public static Map Of(params (string Name, Bencode? Value)[] members) => new(
            from member in members
            where member.Value is not null
            select KeyValuePair.Create(new Text(member.Name), member.Value));

        /// <summary>The members in the order of their names' bytes.</summary>
        public IReadOnlyList<KeyValuePair<Text, Bencode>> Members => members;

        /// <summary>The value of this name; null: there is none.</summary>
        public Bencode? Find(string name)
        {
            var wanted = new Text(name);
            foreach (var (key, value) in members)
                if (key.Equals(wanted)) return value;
            return null;
        }

        /// <inheritdoc/>
        public bool Equals(Map? other) => other is not null && members.SequenceEqual(other.members);

        /// <inheritdoc/>
        public override int GetHashCode() => members.Aggregate(17, (hash, value) => HashCode.Combine(hash, value));
    }

    /// <summary>The value in bytes.</summary>
    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        Write(this, bytes);
        return bytes.ToArray();
    }

    /// <summary>Reads one value that fills the bytes.</summary>
    /// <exception cref="FormatException">They are not one value written in the one way; the sentence says where.
    /// </exception>
    public static Bencode Read(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        var value = Read(bytes, ref at, 0);
        return at == bytes.Length ? value : throw Wrong(at, "nothing more was expected");
    }

    static void Write(Bencode value, MemoryStream to)
    {
        switch (value)
        {
            case Text text:
                Ascii(to, text.Bytes.Length.ToString(CultureInfo.InvariantCulture) + ":");
                to.Write(text.Bytes.Span);
                break;
            case Whole whole:
                Ascii(to, $"i{whole.Value.ToString(CultureInfo.InvariantCulture)}e");
                break;
            case Row row:
                Ascii(to, "l");
                foreach (var one in row.Values) Write(one, to);
                Ascii(to, "e");
                break;
            default:
                Ascii(to, "d");
                foreach (var (name, one) in ((Map)value).Members)
                {
                    Write(name, to);
                    Write(one, to);
                }
                Ascii(to, "e");
                break;
        }
    }

    static void Ascii(MemoryStream to, string text) => to.Write(Encoding.ASCII.GetBytes(text));

    static Bencode Read(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (depth > MostDepth) throw Wrong(at, $"more than {MostDepth} levels");
        switch (Peek(bytes, at))
        {
            case (byte)'i':
                return new Whole(Number(bytes, ref at));
            case (byte)'l':
                at++;
                var values = new List<Bencode>();
                while (Peek(bytes, at) != 'e') values.Add(Read(bytes, ref at, depth + 1));
                at++;
                return new Row(values);
            case (byte)'d':
                at++;
                return Dictionary(bytes, ref at, depth);
            default:
                return ReadText(bytes, ref at);
        }
    }

    static Map Dictionary(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        var members = new List<KeyValuePair<Text, Bencode>>();
        while (Peek(bytes, at) != 'e')
        {
            var start = at;
            var name = ReadText(bytes, ref at);
            if (members.Count > 0 && members[^1].Key.Bytes.Span.SequenceCompareTo(name.Bytes.Span) >= 0)
                throw Wrong(start, "names must ascend, each once");
            members.Add(KeyValuePair.Create(name, Read(bytes, ref at, depth + 1)));
        }
        at++;
        return new Map(members);
    }

    static long Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        var end = bytes[at..].IndexOf((byte)'e');
        if (end < 0) throw Wrong(at, "a number without its end");
        var digits = Encoding.ASCII.GetString(bytes.Slice(at + 1, end - 1));
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || value.ToString(CultureInfo.InvariantCulture) != digits)
            throw Wrong(at, "not a whole number of 64 bits in its shortest form");
        at += end + 1;
        return value;
    }

    static Text ReadText(ReadOnlySpan<byte> bytes, ref int at)
    {
        var colon = bytes[at..].IndexOf((byte)':');
        // Ten digits hold every length there can be.
        if (colon is < 1 or > 10) throw Wrong(at, "a length and a colon were expected");
        var digits = Encoding.ASCII.GetString(bytes.Slice(at, colon));
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length.ToString(CultureInfo.InvariantCulture) != digits || length > bytes.Length - at - colon - 1)
            throw Wrong(at, "not the length of what follows");
        var text = new Text(bytes.Slice(at + colon + 1, length).ToArray());
        at += colon + 1 + length;
        return text;
    }

    static byte Peek(ReadOnlySpan<byte> bytes, int at) =>
        at < bytes.Length ? bytes[at] : throw Wrong(at, "it ends too early");

    static FormatException Wrong(int at, string what) => new($"Not bencoded at byte {at}: {what}.");
}
