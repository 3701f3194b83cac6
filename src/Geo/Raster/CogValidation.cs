using System.Buffers.Binary;

namespace Waypost.Geo.Raster;

/// <summary>
/// Checks a file against the layout of a cloud-optimized GeoTIFF: everything that GDAL's own validator checks, and
/// every
/// block's leader and trailer as its full check does.
/// </summary>
public static class CogValidation
{
    const int MostUntiled = 512;

    /// <summary>Reads directories and the edges of all blocks, not the pixels. The stream stays open.</summary>
    public static CogVerdict Check(Stream file)
    {
        var problems = new List<string>();
        try
        {
            var source = new TiffSource(file);
            var directories = TiffDirectory.ReadAll(source);
            var ghost = CogGhost.Read(source);
            CheckStart(source, directories, ghost, problems);
            var images = directories
                .Where(one => (one.Number(TiffTag.NewSubfileType, 0) & 4) == 0).Select(Image.Of).ToList();
            CheckOrder(images, problems);
            foreach (var (image, index) in images.Select((image, index) => (image, index)))
                CheckBlocks(source, image, Named(index), ghost, problems);
        }
        catch (BadGeodataException fault)
        {
            problems.Add(fault.Message);
        }
        return new(problems.Count == 0, problems);
    }

    sealed record Image(TiffDirectory Directory, long Width, long Height, bool IsTiled, ulong[] Offsets, ulong[] Counts)
    {
        const int MostBlocks = 4 << 20;

        public ulong FirstBlock => Offsets.FirstOrDefault(offset => offset != 0);

        public static Image Of(TiffDirectory one)
        {
            var isTiled = one.Has(TiffTag.TileWidth);
            return new(one, (long)one.Number(TiffTag.ImageWidth, 0), (long)one.Number(TiffTag.ImageLength, 0), isTiled,
                one.Numbers(isTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets, MostBlocks),
                one.Numbers(isTiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, MostBlocks));
        }
    }

    static string Named(int index) => index == 0 ? "the full resolution" : $"overview {index}";

    static void CheckStart(TiffSource source, List<TiffDirectory> directories, CogGhost? ghost, List<string> problems)
    {
        var expected = (source.IsBig ? 16L : 8L) + (ghost?.Bytes ?? 0);
        expected += expected % 2;
        if (directories[0].Offset != expected)
            problems.Add($"The first image is described at byte {directories[0].Offset}, not at {expected}.");
        if (ghost is { IsEdited: true })
            problems.Add("The file says that it was edited in place (KNOWN_INCOMPATIBLE_EDITION=YES).");
    }

    static void CheckOrder(List<Image> images, List<string> problems)
    {
        for (var i = 0; i < images.Count; i++)
        {
            if (!images[i].IsTiled && (images[i].Width > MostUntiled || images[i].Height > MostUntiled))
                problems.Add($"{Named(i)} is larger than {MostUntiled} pixels and not tiled.");
            if (i == 0)
                continue;
            if (images[i].Width > images[i - 1].Width || images[i].Height > images[i - 1].Height)
                problems.Add($"{Named(i)} is larger than {Named(i - 1)}.");
            if ((images[i].Directory.Number(TiffTag.NewSubfileType, 0) & 1) == 0)
                problems.Add($"{Named(i)} is not marked as a reduced resolution.");
            if (images[i].Directory.Offset < images[i - 1].Directory.Offset)
                problems.Add($"{Named(i)} is described before {Named(i - 1)}.");
            if (images[i - 1].FirstBlock != 0 && images[i - 1].FirstBlock < images[i].FirstBlock)
                problems.Add($"The pixels of {Named(i - 1)} come before those of {Named(i)}.");
        }
        if (images.Count == 1 && (images[0].Width > MostUntiled || images[0].Height > MostUntiled))
            problems.Add($"It is larger than {MostUntiled} pixels and has no overviews.");
        if (images[^1].FirstBlock != 0 && images[^1].FirstBlock < (ulong)images[^1].Directory.Offset)
            problems.Add("Pixels come before the description of the last image.");
    }

    static void CheckBlocks(TiffSource source, Image image, string name, CogGhost? ghost, List<string> problems)
    {
        var hasLeader = ghost?.Says("BLOCK_LEADER=SIZE_AS_UINT4") ?? false;
        var hasTrailer = ghost?.Says("BLOCK_TRAILER=LAST_4_BYTES_REPEATED") ?? false;
        var isOrdered = ghost?.Says("BLOCK_ORDER=ROW_MAJOR") ?? false;
        if (image.Offsets.Length != image.Counts.Length)
            problems.Add($"{name} lists {image.Offsets.Length} blocks and {image.Counts.Length} sizes.");
        ulong last = 0;
        Span<byte> edge = stackalloc byte[8];
        for (var i = 0; i < Math.Min(image.Offsets.Length, image.Counts.Length); i++)
        {
            var (offset, count) = (image.Offsets[i], image.Counts[i]);
            if (offset == 0)
                continue;
            if (offset > (ulong)source.Length || count > (ulong)source.Length - offset)
            {
                problems.Add($"Block {i} of {name} lies past the end of the file.");
                return;
            }
            if (isOrdered && offset < last)
                problems.Add($"Block {i} of {name} comes before the one before it.");
            last = offset;
            if (hasLeader)
            {
                source.Read((long)offset - 4, edge[..4], "a block's leader");
                if (BinaryPrimitives.ReadUInt32LittleEndian(edge) != count)
                    problems.Add($"Block {i} of {name} has a wrong size before it.");
            }
            if (!hasTrailer || count < 4)
                continue;
            source.Read((long)(offset + count) - 4, edge, "a block's trailer");
            if (!edge[..4].SequenceEqual(edge[4..]))
                problems.Add($"Block {i} of {name} has wrong bytes after it.");
        }
    }
}
