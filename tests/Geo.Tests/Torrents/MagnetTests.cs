using Waypost.Wire.Torrents;
using Xunit;

namespace Waypost.Geo.Tests.Torrents;

/// <summary>Links are read as all clients write them, and written so that all clients read them.</summary>
public sealed class MagnetTests
{
    const string Hash1 = "9118c0548f90c35b6003bacc7b730ea798e10d2f";
    const string Hash2 = "2fa2a17629e2b547e7d0e671c67ff9b69348f18b7f1c17618f1509703da6f5e4";

    [Fact]
    public void A_link_comes_back_with_all_it_said()
    {
        var link = $"magnet:?xt=urn:btih:{Hash1}&xt=urn:btmh:1220{Hash2}&dn=a%20b%26c.csv&xl=12"
            + "&tr=udp%3A%2F%2Ft.example%3A1&tr=wss%3A%2F%2Fu.example&ws=https%3A%2F%2Fd.example%2Fx%3Fy%3D1";
        var magnet = Magnet.Parse(link);
        Assert.Equal(("a b&c.csv", 12L), (magnet.Name, magnet.Bytes));
        Assert.Equal(["udp://t.example:1", "wss://u.example"], magnet.Trackers);
        Assert.Equal(["https://d.example/x?y=1"], magnet.Sources);
        Assert.Equal(link, magnet.ToString());
        Assert.DoesNotContain("btmh", magnet.LinkV1, StringComparison.Ordinal);
        Assert.DoesNotContain("btih", magnet.LinkV2, StringComparison.Ordinal);
        Assert.Equal(magnet.V2, Magnet.Parse(magnet.LinkV2!).V2);
        Assert.Null(Magnet.Parse(magnet.LinkV1!).LinkV2);
    }

    [Fact]
    public void An_old_link_in_base32_names_the_same_content() => Assert.Equal(
        Convert.FromHexString(Hash1), Magnet.Parse("MAGNET:?xt.1=urn:btih:SEMMAVEPSDBVWYADXLGHW4YOU6MOCDJP").V1);

    [Theory]
    [InlineData("http://a.example", "magnet:?")]
    [InlineData("magnet:?dn=x", "names no content")]
    [InlineData("magnet:?xt=urn:btih:12", "40 hexadecimal")]
    [InlineData("magnet:?xt=urn:btih:zz18c0548f90c35b6003bacc7b730ea798e10d2f", "40 hexadecimal")]
    [InlineData("magnet:?xt=urn:btih:1EMMAVEPSDBVWYADXLGHW4YOU6MOCDJP", "base32")]
    [InlineData("magnet:?xt=urn:btmh:1220abcd", "64 hexadecimal")]
    [InlineData("magnet:?xt=urn:btih:" + Hash1 + "&xl=-1", "number of bytes")]
    [InlineData("magnet:?xt", "no value")]
    public void What_is_no_link_is_refused_with_the_reason(string link, string why) => Assert.Contains(
        why, Assert.Throws<FormatException>(() => Magnet.Parse(link)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_endless_link_is_refused() =>
        Assert.Throws<FormatException>(() => Magnet.Parse("magnet:?" + new string('x', 9_000)));
}
