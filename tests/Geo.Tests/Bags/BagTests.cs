using Waypost.Wire.Bags;
using Xunit;

namespace Waypost.Geo.Tests.Bags;

/// <summary>A bag's tag files are what RFC 8493 says they are.</summary>
public sealed class BagTests
{
    static readonly byte[] Hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    static readonly BaggedFile[] Files =
    [
        new("noaa/tides 1.csv", 10, Hash, "https://d.example/tides%201.csv"),
        new("100%\nsure.txt", 5, Hash, null),
    ];

    [Fact]
    public void The_manifest_has_a_line_for_each_file_with_line_ends_and_percent_signs_encoded() => Assert.Equal(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f  data/noaa/tides 1.csv\n"
        + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f  data/100%25%0Asure.txt\n",
        Bag.Manifest(Files));

    [Fact]
    public void What_lies_elsewhere_is_fetched() =>
        Assert.Equal("https://d.example/tides%201.csv 10 data/noaa/tides 1.csv\n", Bag.Fetch(Files));

    [Fact]
    public void The_information_counts_bytes_and_files_and_no_text_passes_for_a_label() => Assert.Equal(
        "Bagging-Date: 2026-11-20\nPayload-Oxum: 15.2\nSource-Organization: Tide gauges\n  Payload-Oxum: 0.0\n",
        Bag.Information(Files, new DateOnly(2026, 11, 20),
            [("Source-Organization", "Tide gauges\r\nPayload-Oxum: 0.0")]));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    public void A_path_that_leads_out_of_the_bag_is_refused(string path) => Assert.Throws<ArgumentException>(
        () => Bag.Manifest([new BaggedFile(path, 1, Hash, null)]));

    [Fact]
    public void An_address_with_a_line_end_cannot_make_a_second_line() => Assert.Throws<ArgumentException>(
        () => Bag.Fetch([new BaggedFile("a", 1, Hash, "https://d.example/\nhttps://e.example 1 data/b")]));
}
