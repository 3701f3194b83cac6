using System.Security.Cryptography;
using System.Text;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

public sealed class BlobTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-blobs-").FullName;
    readonly Blobs blobs;

    public BlobTests() => blobs = new Blobs(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_is_written_is_read_back_with_its_hash_and_any_range_of_it()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var put = await Put("a/data/1/cog.tif", content);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), put.Sha256);
        Assert.Equal(content.Length, blobs.Find("a/data/1/cog.tif")!.Length);
        await using var stream = blobs.OpenRead("a/data/1/cog.tif");
        stream.Position = 200_000;
        var range = new byte[1000];
        await stream.ReadExactlyAsync(range, Token);
        Assert.Equal(content.AsSpan(200_000, 1000).ToArray(), range);
    }

    [Fact]
    public async Task The_hash_is_of_the_file_even_when_its_writer_went_back_to_patch_it()
    {
        var put = await blobs.Put("a/data/1/x", async stream =>
        {
            await stream.WriteAsync("....tail"u8.ToArray(), Token);
            stream.Position = 0;
            await stream.WriteAsync("head"u8.ToArray(), Token);
        }, Token);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("headtail"u8)), put.Sha256);
    }

    [Fact]
    public async Task A_writer_that_fails_leaves_the_old_content_and_nothing_beside_it()
    {
        await Put("a/data/1/x", "old"u8.ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(() => blobs.Put("a/data/1/x", async stream =>
        {
            await stream.WriteAsync("half"u8.ToArray(), Token);
            throw new InvalidDataException("no more");
        }, Token));

        Assert.Equal("old", await Text("a/data/1/x"));
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "blobs", "a", "data", "1")));
    }

    [Fact]
    public async Task Whoever_reads_the_old_content_keeps_it_while_it_is_replaced()
    {
        await Put("a/data/1/x", "old"u8.ToArray());
        await using var open = blobs.OpenRead("a/data/1/x");
        await Put("a/data/1/x", "new"u8.ToArray());

        using var reader = new StreamReader(open);
        Assert.Equal("old", await reader.ReadToEndAsync(Token));
        Assert.Equal("new", await Text("a/data/1/x"));
    }

    [Fact]
    public async Task A_finished_file_is_moved_in_and_a_blob_can_be_deleted_once()
    {
        var file = Path.Combine(blobs.ScratchFolder("task-1"), "made.tif");
        await File.WriteAllTextAsync(file, "made", Token);
        var put = await blobs.PutFile("a/data/2/made.tif", file, Token);

        Assert.False(File.Exists(file));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("made"u8)), put.Sha256);
        Assert.True(blobs.Delete("a/data/2/made.tif"));
        Assert.False(blobs.Delete("a/data/2/made.tif"));
        Assert.Null(blobs.Find("a/data/2/made.tif"));
        Assert.Throws<FileNotFoundException>(() => blobs.OpenRead("a/data/2/made.tif"));
        Assert.Throws<FileNotFoundException>(() => blobs.OpenRead("a/nowhere/2/made.tif"));
    }

    [Theory]
    [InlineData("a/data/1")]
    [InlineData("a/data/1/../x")]
    [InlineData("../data/1/x")]
    [InlineData("a/data/../x")]
    [InlineData("a/data/1/.x")]
    [InlineData("a/data/1/x/y")]
    [InlineData("a//1/x")]
    [InlineData("/a/1/x")]
    [InlineData("a/data/1/x\\y")]
    [InlineData("a/data/1/c:x")]
    [InlineData("a/data/1/x\0")]
    [InlineData("a/data/1/x ")]
    [InlineData("a/data/1/x.")]
    public void A_key_that_could_leave_the_folder_is_refused(string key)
    {
        Assert.Throws<ArgumentException>(() => blobs.Find(key));
        Assert.Throws<ArgumentException>(() => blobs.OpenRead(key));
        Assert.Throws<ArgumentException>(() => blobs.Delete(key));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_scratch_folder_stays_in_its_place_too(string name) =>
        Assert.Throws<ArgumentException>(() => blobs.ScratchFolder(name));

    Task<BlobInfo> Put(string key, byte[] content) =>
        blobs.Put(key, stream => stream.WriteAsync(content, Token).AsTask(), Token);

    async Task<string> Text(string key)
    {
        using var reader = new StreamReader(blobs.OpenRead(key), Encoding.UTF8);
        return await reader.ReadToEndAsync(Token);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
