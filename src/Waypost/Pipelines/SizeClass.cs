namespace Waypost.Pipelines;

/// <summary>Classes of size: work on files of one class takes about as long.</summary>
static class SizeClass
{
    const long Megabyte = 1 << 20;

    /// <summary>The class of a file; <c>unknown</c> before its size is known.</summary>
    public static string Of(long? bytes) => bytes switch
    {
        null => "unknown",
        < Megabyte => "under_1_mb",
        < 10 * Megabyte => "1_to_10_mb",
        < 100 * Megabyte => "10_to_100_mb",
        < 1024 * Megabyte => "100_mb_to_1_gb",
        _ => "over_1_gb",
    };
}
