using System.Globalization;

namespace Waypost.Cli.Node;

/// <summary>Amounts of bytes as people write them: <c>50GB</c>, <c>1.5 TiB</c>, <c>20MB/s</c>.</summary>
static class Amounts
{
    static readonly (string Unit, double Bytes)[] Units =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40), ("PIB", 1L << 50),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("B", 1), ("", 1),
    ];

    /// <summary>Reads an amount of at least nothing.</summary>
    /// <exception cref="UsageException">It is none; the sentence names the option.</exception>
    public static long Bytes(string option, string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        foreach (var (unit, size) in Units)
            if (compact.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(compact[..^unit.Length], NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out var number)
                && number * size < long.MaxValue)
                return (long)(number * size);
        throw new UsageException(
            $"{option} is '{text}'; an amount of bytes was expected.", $"Write it like {option} 50GB or 1.5TiB.");
    }

    /// <summary>Reads an amount a second: more than nothing.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static long BytesPerSecond(string option, string text)
    {
        var amount = text.Trim();
        if (amount.EndsWith("/s", StringComparison.OrdinalIgnoreCase)) amount = amount[..^2];
        return Bytes(option, amount) is var rate and > 0 ? rate : throw new UsageException(
            $"{option} is '{text}', at which nothing would ever arrive.", "Leave it out for no limit.");
    }

    /// <summary>The amount in the unit that leaves the fewest digits.</summary>
    public static string Say(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        var unit = 0;
        for (; Math.Abs(bytes) >= 999.5 && unit < units.Length - 1; unit++) bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture,
            $"{(unit == 0 || bytes >= 100 ? $"{bytes:0}" : $"{bytes:0.0}")} {units[unit]}");
    }
}
