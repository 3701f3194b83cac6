namespace Waypost.Geo.Raster;

/// <summary>How a COG is written.</summary>
/// <param name="ScratchFolder">Where compressed tiles wait until their place in the file is known; about as large as
/// the COG.</param>
/// <param name="Resampling">How overviews are made.</param>
public sealed record CogOptions(string ScratchFolder, Resampling Resampling = Resampling.Average)
{
    /// <summary>The options that suit what a raster shows: classes are never averaged.</summary>
    public static CogOptions For(RasterReport report, string scratchFolder) => new(
        scratchFolder, report.Kind == RasterKind.Categorical ? Resampling.Mode : Resampling.Average);
}

/// <summary>One overview of a COG.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record CogOverview(int Width, int Height);

/// <summary>The proof that a COG holds what its source held.</summary>
/// <param name="SourceSha256">By band, of the source's samples as they were read for writing.</param>
/// <param name="OutputSha256">By band, of the samples read back out of the finished file.</param>
/// <param name="Verdict">What the validator says of the finished file.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Overviews">From large to small.</param>
/// <param name="BlockSize">Side of a tile in pixels.</param>
/// <param name="Compression">Such as <c>DEFLATE</c>.</param>
/// <param name="Predictor">1 none, 2 horizontal, 3 floating point.</param>
/// <param name="Resampling">How overviews were made.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="IsBigTiff">True when it had to be BigTIFF.</param>
public sealed record CogReceipt(
    IReadOnlyList<string> SourceSha256, IReadOnlyList<string> OutputSha256, CogVerdict Verdict, int Width, int Height,
    IReadOnlyList<CogOverview> Overviews, int BlockSize, string Compression, int Predictor, Resampling Resampling,
    long Bytes, bool IsBigTiff)
{
    /// <summary>True when every band came out as it went in.</summary>
    public bool IsLossless => SourceSha256.SequenceEqual(OutputSha256);

    /// <summary>True when the file may be published: valid and without loss.</summary>
    public bool IsSound => IsLossless && Verdict.IsValid;
}

/// <summary>What <see cref="CogValidation"/> says of a file.</summary>
/// <param name="IsValid">True when there is no problem.</param>
/// <param name="Problems">In sentences.</param>
public sealed record CogVerdict(bool IsValid, IReadOnlyList<string> Problems);
