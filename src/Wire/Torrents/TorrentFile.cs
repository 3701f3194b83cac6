using System.Security.Cryptography;

namespace Waypost.Wire.Torrents;

/// <summary>A torrent of one file for clients of both versions (a hybrid, BEP 3 and BEP 52).</summary>
/// <param name="Bytes">The file to be saved as <c>.torrent</c>.</param>
/// <param name="Links">How to find it without the file.</param>
public sealed record TorrentFile(byte[] Bytes, Magnet Links)
{
    /// <summary>Characters of a file's name in a torrent.</summary>
    public const int LongestName = 255;

    /// <summary>Makes one.</summary>
    /// <param name="name">What the file is called where it is saved: no path.</param>
    /// <param name="file">The file as it was hashed; not an empty one, which no torrent can hold alone.</param>
    /// <param name="trackers">Addresses of trackers, the best first; none: found by the hash alone.</param>
    /// <param name="sources">Addresses where the file itself is to be had (BEP 19).</param>
    /// <exception cref="ArgumentException">The name is none, or the file is empty.</exception>
    public static TorrentFile Of(
        string name, HashedFile file, IReadOnlyList<string> trackers, IReadOnlyList<string> sources)
    {
        if (!IsName(name)) throw new ArgumentException($"'{name}' is not the name of a file.", nameof(name));
        if (file.Bytes == 0) throw new ArgumentException("An empty file has no torrent.", nameof(file));

        var info = Bencode.Map.Of(
            ("file tree", Bencode.Map.Of((name, Bencode.Map.Of(("", Bencode.Map.Of(
                ("length", new Bencode.Whole(file.Bytes)),
                ("pieces root", new Bencode.Text(file.Root)))))))),
            ("length", new Bencode.Whole(file.Bytes)),
            ("meta version", new Bencode.Whole(2)),
            ("name", new Bencode.Text(name)),
            ("piece length", new Bencode.Whole(file.PieceBytes)),
            ("pieces", new Bencode.Text(file.Sha1Pieces)));
        var named = info.Write();
        var layers = file.Pieces > 1
            ? [KeyValuePair.Create(new Bencode.Text(file.Root), (Bencode)new Bencode.Text(file.PieceLayer))]
            : Array.Empty<KeyValuePair<Bencode.Text, Bencode>>();
        var torrent = Bencode.Map.Of(
            ("announce", trackers.Count > 0 ? new Bencode.Text(trackers[0]) : null),
            ("announce-list", trackers.Count > 0
                ? new Bencode.Row([.. trackers.Select(one => new Bencode.Row([new Bencode.Text(one)]))]) : null),
            ("info", info),
            ("piece layers", new Bencode.Map(layers)),
            ("url-list", sources.Count > 0
                ? new Bencode.Row([.. sources.Select(one => new Bencode.Text(one))]) : null));

#pragma warning disable CA5350 // BEP 3 names SHA-1; the second hash is the one that is trusted.
        var links = new Magnet(SHA1.HashData(named), SHA256.HashData(named), name, file.Bytes, trackers, sources);
#pragma warning restore CA5350
        return new TorrentFile(torrent.Write(), links);
    }

    /// <summary>True for what may name a file in a torrent and on a volunteer's disk: no path, no control characters,
    /// nothing that any system reads as another place.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name is not ("." or "..")
        && !name.Any(c => c is '/' or '\\' or ':' or < ' ' or '\x7f');
}
