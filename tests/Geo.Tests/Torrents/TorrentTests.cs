using System.Security.Cryptography;
using Waypost.Wire.Torrents;
using Xunit;

namespace Waypost.Geo.Tests.Torrents;

/// <summary>Files are hashed as BitTorrent hashes them, and a block proves that its file is whole.</summary>
public sealed class TorrentTests
{
    /// <summary>Made once with libtorrent 2.0.8 from the bytes of <see cref="Data"/>: length, length of pieces, root,
    /// the two names of the torrent.</summary>
    public static readonly TheoryData<int, int, string, string, string> Known = new()
    {
        {
            1, 16_384, "49994461d6b46390f014c8c5275a8591ef8764760afe2739cee23f6fbe285778",
            "9118c0548f90c35b6003bacc7b730ea798e10d2f",
            "2fa2a17629e2b547e7d0e671c67ff9b69348f18b7f1c17618f1509703da6f5e4"
        },
        {
            16_384, 16_384, "896e74ae4af5f7fc8b616b1e472c85598fa9e939e8d2c0b115067b7ad8a2bf0c",
            "9610c015b73d8511370c21da32d735ab5f4f6b44",
            "4d7ad83c697c1e0e8c9d90070a016c8d849bac19679609768eeefba53df1c863"
        },
        {
            16_385, 16_384, "21f60709d1467785f3d98cc665cc2b72a5dc2757e84176a3aee9a325d3bf48a5",
            "0728069cb7d66e49906ed7b03191ef73b8267f7b",
            "138c88af0daf5df411b428ffa0b8c534ebec31bdb66b66520e18a72004d5fb0a"
        },
        {
            100_000, 16_384, "84adcd4c36116472e64d4b237cebc31e1c3676a22920b9a6ab538b9c6c4da209",
            "2c596e0add1e1234a49a5f5bd31263d51fba78e9",
            "40002816f878ff581407942dd767e1b52426c3e0563157c6c6f5c825237b2695"
        },
        {
            100_000, 32_768, "84adcd4c36116472e64d4b237cebc31e1c3676a22920b9a6ab538b9c6c4da209",
            "003ca8d56e753066a64733452548f6e9457b1fbf",
            "7c7c532aa7b4071b42b12bb81c1a1e119e3481f21c67563bf2dc4f3eff03f75b"
        },
        {
            300_000, 65_536, "78ff3249831b0ad63f889908cefa9c84d7774da951e141f6bc946dc55c1299a5",
            "06dfe80848e40e499d46823b80c514a15cc1a8fc",
            "d6c2acf087e6101a677d93127bc29d881ef7f1d87db114986e7a365779f8bed2"
        },
        {
            262_144, 65_536, "698f9730743bb2170d35b62aa0e6e1fd95ecda469d838acff853591fd59d99ed",
            "c9eb382627d0666ff229804f5ce97a6c1fe08cbb",
            "fccaec26409c5f44219742d1422452fce6e5cec22b4d305009704543f8f95a5b"
        },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void A_torrent_has_the_names_that_other_clients_give_it(
        int bytes, int pieceBytes, string root, string v1, string v2)
    {
        var data = Data(bytes);
        var file = Hash(data, pieceBytes, portion: 1_000);
        Assert.Equal(root, Convert.ToHexStringLower(file.Root));
        Assert.Equal(SHA256.HashData(data), file.Sha256);
        var torrent = TorrentFile.Of("data.bin", file, [], []);
        Assert.Equal(v1, Convert.ToHexStringLower(torrent.Links.V1!));
        Assert.Equal(v2, Convert.ToHexStringLower(torrent.Links.V2!));
    }

    [Fact]
    public void However_the_bytes_come_the_hashes_are_the_same()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var data = Data(random.Next(0, 400_000));
            var pieceBytes = HashTree.LeafBytes << random.Next(0, 4);
            var whole = Hash(data, pieceBytes, Math.Max(1, data.Length));
            var portions = Hash(data, pieceBytes, random.Next(1, 100_000));
            var about = $"seed {seed}, {data.Length} bytes in pieces of {pieceBytes}";
            Assert.True(whole.Root.AsSpan().SequenceEqual(portions.Root), about);
            Assert.True(whole.PieceLayer.AsSpan().SequenceEqual(portions.PieceLayer), about);
            Assert.True(whole.Sha1Pieces.AsSpan().SequenceEqual(portions.Sha1Pieces), about);
            Assert.True(whole.Root.AsSpan().SequenceEqual(Naive(data)), about);
            Assert.Equal((data.Length + pieceBytes - 1) / pieceBytes, whole.Pieces);
        }
    }

    [Fact]
    public void Each_block_proves_itself_and_no_other()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var data = Data(random.Next(1, 400_000));
            var file = Hash(data, HashTree.LeafBytes << random.Next(0, 4), 50_000);
            for (var leaf = 0; leaf < HashTree.Leaves(data.Length); leaf++)
            {
                var proof = LeafProof.Of(file, leaf, PieceOf(data, file, leaf));
                var about = $"seed {seed}, block {leaf} of {data.Length} bytes in pieces of {file.PieceBytes}";
                Assert.True(proof.Holds(data.Length, file.Root), about);
                var changed = proof.Block.ToArray();
                changed[random.Next(changed.Length)] ^= 1;
                Assert.False((proof with { Block = changed }).Holds(data.Length, file.Root), about);
                Assert.False((proof with { Leaf = leaf + 1 }).Holds(data.Length, file.Root), about);
                Assert.False((proof with { Leaf = -1 }).Holds(data.Length, file.Root), about);
                var longer = proof with { Beside = [.. proof.Beside, .. new byte[32]] };
                Assert.False(longer.Holds(data.Length, file.Root), about);
            }
        }
    }

    [Fact]
    public void A_piece_that_changed_on_the_disk_makes_no_proof()
    {
        var data = Data(100_000);
        var file = Hash(data, 32_768, 100_000);
        var piece = PieceOf(data, file, 2).ToArray();
        piece[40] ^= 1;
        Assert.Throws<InvalidDataException>(() => LeafProof.Of(file, 2, piece));
        Assert.Throws<InvalidDataException>(() => LeafProof.Of(file, 2, piece.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => LeafProof.Of(file, 7, piece));
    }

    [Fact]
    public void An_audits_blocks_follow_from_its_nonce_alone()
    {
        byte[] nonce = [1, 2, 3, 4];
        var drawn = HashTree.Drawn(nonce, 100_000_000, 20);
        Assert.Equal(20, drawn.Distinct().Count());
        Assert.Equal(drawn.Order(), drawn);
        Assert.All(drawn, leaf => Assert.InRange(leaf, 0, HashTree.Leaves(100_000_000) - 1));
        Assert.Equal(drawn, HashTree.Drawn(nonce, 100_000_000, 20));
        Assert.NotEqual(drawn, HashTree.Drawn([1, 2, 3, 5], 100_000_000, 20));
        Assert.Equal([0, 1, 2], HashTree.Drawn(nonce, 40_000, 20));
        Assert.Empty(HashTree.Drawn(nonce, 0, 20));
    }

    [Fact]
    public void Every_block_is_drawn_about_as_often_as_another()
    {
        var counts = new int[100];
        var nonce = new byte[8];
        for (var i = 0; i < 10_000; i++)
        {
            BitConverter.TryWriteBytes(nonce, i);
            foreach (var leaf in HashTree.Drawn(nonce, 100L * HashTree.LeafBytes, 10)) counts[leaf]++;
        }
        // 1,000 expected for each, with a standard deviation of 30.
        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }

    [Theory]
    [InlineData(0, 16 * 1024)]
    [InlineData(1, 16 * 1024)]
    [InlineData(32 * 1024 * 1024, 16 * 1024)]
    [InlineData(32 * 1024 * 1024 + 1, 32 * 1024)]
    [InlineData(1L << 40, 64 * 1024 * 1024)]
    public void Pieces_grow_with_the_file(long bytes, int pieceBytes) =>
        Assert.Equal(pieceBytes, HashTree.PieceBytes(bytes));

    [Fact]
    public void A_file_too_long_to_count_and_a_piece_of_no_power_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => HashTree.PieceBytes(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => HashTree.Leaves(HashTree.LongestFileBytes + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileHashing(20_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileHashing(8_192));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("..\\b")]
    [InlineData("C:b")]
    [InlineData("a\nb")]
    public void A_name_that_leads_elsewhere_names_no_torrent(string name) =>
        Assert.Throws<ArgumentException>(() => TorrentFile.Of(name, Hash(Data(10), 16_384, 10), [], []));

    [Fact]
    public void An_empty_file_has_hashes_and_no_torrent()
    {
        var file = Hash([], 16_384, 1);
        Assert.Equal(new byte[32], file.Root);
        Assert.Equal(SHA256.HashData([]), file.Sha256);
        Assert.Equal(0, file.Pieces);
        Assert.Throws<ArgumentException>(() => TorrentFile.Of("a", file, [], []));
    }

    [Fact]
    public async Task A_stream_is_hashed_to_its_end()
    {
        var data = Data(2_500_000);
        var file = await FileHashing.Of(new MemoryStream(data), 65_536, TestContext.Current.CancellationToken);
        Assert.Equal(Hash(data, 65_536, 77_777).Root, file.Root);
    }

    [Fact]
    public void A_torrent_is_read_again_and_carries_its_trackers_and_sources()
    {
        var file = Hash(Data(100_000), 32_768, 1_000);
        var torrent = TorrentFile.Of("a b.csv", file, ["udp://t.example/1"], ["https://d.example/a%20b.csv"]);
        var map = Assert.IsType<Bencode.Map>(Bencode.Read(torrent.Bytes));
        Assert.Equal(torrent.Bytes, map.Write());
        Assert.Equal("udp://t.example/1", ((Bencode.Text)map.Find("announce")!).Said);
        var layers = Assert.IsType<Bencode.Map>(map.Find("piece layers"));
        Assert.Equal(new Bencode.Text(file.PieceLayer), Assert.Single(layers.Members).Value);
        var info = Assert.IsType<Bencode.Map>(map.Find("info"));
        Assert.Equal(SHA256.HashData(info.Write()), torrent.Links.V2);
        Assert.Equal($"{torrent.Links}", $"{Magnet.Parse($"{torrent.Links}")}");
    }

    internal static byte[] Data(int length)
    {
        var bytes = new byte[length];
        var x = (uint)length;
        for (var i = 0; i < length; i++)
        {
            x = (x * 1103515245 + 12345) & 0x7fffffff;
            bytes[i] = (byte)(x >> 16);
        }
        return bytes;
    }

    static HashedFile Hash(byte[] data, int pieceBytes, int portion)
    {
        using var hashing = new FileHashing(pieceBytes);
        for (var at = 0; at < data.Length; at += portion)
            hashing.Append(data.AsSpan(at, Math.Min(portion, data.Length - at)));
        return hashing.Finish();
    }

    static ReadOnlySpan<byte> PieceOf(byte[] data, HashedFile file, int leaf)
    {
        var start = leaf / (file.PieceBytes / HashTree.LeafBytes) * file.PieceBytes;
        return data.AsSpan(start, Math.Min(file.PieceBytes, data.Length - start));
    }

    // The tree as the standard words it, without regard for pieces: leaves, zeros up to a power of two, pairs.
    static byte[] Naive(byte[] data)
    {
        var layer = data.Chunk(HashTree.LeafBytes).Select(SHA256.HashData).ToList();
        while (layer.Count == 0 || !int.IsPow2(layer.Count)) layer.Add(new byte[32]);
        while (layer.Count > 1)
            layer = [.. layer.Chunk(2).Select(pair => SHA256.HashData([.. pair[0], .. pair[1]]))];
        return layer[0];
    }
}
