using System.Globalization;
using System.Text;

namespace Waypost.Wire.Bags;

/// <summary>One file that a bag speaks of.</summary>
/// <param name="Path">Where it lies under <c>data/</c>: parts with <c>/</c> between them.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The hash of the whole file.</param>
/// <param name="Url">Where it is to be had; null: it lies in the bag.</param>
public sealed record BaggedFile(string Path, long Bytes, byte[] Sha256, string? Url);

/// <summary>The tag files of a bag (RFC 8493, BagIt 1.0): what archives exchange to say which files there are, and by
/// which hashes each is known to be whole. Payload that lies elsewhere is named in <c>fetch.txt</c>.</summary>
public static class Bag
{
    /// <summary><c>bagit.txt</c>, which says that this is a bag (section 2.1.1).</summary>
    public const string Declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

    /// <summary><c>manifest-sha256.txt</c> (section 2.1.3): a line for each file.</summary>
    /// <exception cref="ArgumentException">A path leads out of the bag.</exception>
    public static string Manifest(IEnumerable<BaggedFile> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
            text.Append(Convert.ToHexStringLower(file.Sha256)).Append("  ").Append(Encode(file.Path)).Append('\n');
        return text.ToString();
    }

    /// <summary><c>fetch.txt</c> (section 2.2.3): where to get the files that do not lie in the bag.</summary>
    /// <exception cref="ArgumentException">A path leads out of the bag, or an address has a blank in it.</exception>
    public static string Fetch(IEnumerable<BaggedFile> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            if (file.Url is null) continue;
            if (file.Url.Any(c => c is <= ' ' or '\x7f'))
                throw new ArgumentException($"The address of {file.Path} has a blank in it.", nameof(files));
            text.Append(file.Url).Append(' ').Append(file.Bytes.ToString(CultureInfo.InvariantCulture)).Append(' ')
                .Append(Encode(file.Path)).Append('\n');
        }
        return text.ToString();
    }

    /// <summary><c>bag-info.txt</c> (section 2.2.2): who made it, when, and how much it holds.</summary>
    /// <param name="files">All of them, for <c>Payload-Oxum</c>.</param>
    /// <param name="madeOn">The day it was made.</param>
    /// <param name="labels">Further lines: a name of the standard or an own one, and what it says.</param>
    public static string Information(
        IReadOnlyCollection<BaggedFile> files, DateOnly madeOn, IEnumerable<(string Label, string Text)> labels)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"Bagging-Date: {madeOn:yyyy-MM-dd}\n")
            .Append(CultureInfo.InvariantCulture, $"Payload-Oxum: {files.Sum(file => file.Bytes)}.{files.Count}\n");
        foreach (var (label, said) in labels)
        {
            if (label.Length == 0 || label.Any(c => c is ':' or < ' '))
                throw new ArgumentException($"'{label}' cannot be a label.", nameof(labels));
            // A line that goes on is indented, so that no text can pass for a label.
            text.Append(label).Append(": ").Append(string.Join("\n  ", said.Split(['\r', '\n'],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))).Append('\n');
        }
        return text.ToString();
    }

    // Line ends and the percent sign are written percent-encoded, and nothing else is (section 2.1.3).
    static string Encode(string path)
    {
        if (path.Length == 0 || path.Split('/').Any(part => part is "" or "." or "..") || path.Contains('\\'))
            throw new ArgumentException($"'{path}' is not a path within a bag.", nameof(path));
        return "data/" + path.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
    }
}
