using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public class HiddenTextTests
{
    [Theory]
    [InlineData("/npl-data/x.nc")]
    [InlineData("/")]
    [InlineData("  /npl-data/x.nc")]
    [InlineData("\u0001/npl-data/x.nc")]
    [InlineData("//server/share")]
    [InlineData("\\\\server\\share")]
    [InlineData("C:\\npl\\x.nc")]
    [InlineData("c:/npl/x.nc")]
    [InlineData("\\npl\\x.nc")]
    [InlineData("file:///npl/x.nc")]
    [InlineData("FILE:///npl/x.nc")]
    [InlineData("FiLe:/npl/x.nc")]
    [InlineData("file:npl.nc")]
    [InlineData("a file: that one")]
    [InlineData("  file:///npl")]
    [InlineData("fi\tle:///npl")]
    [InlineData("fi\u200Ble:///npl")]
    [InlineData("file%3A%2F%2F%2Fnpl")]
    [InlineData("file%253A%252F%252F%252Fnpl")]
    [InlineData("%66%69%6c%65:///npl")]
    [InlineData("%2Fnpl-data%2Fx")]
    [InlineData("%c0%afnpl")]
    [InlineData("%u002Fnpl")]
    [InlineData("%EF%BC%8Fnpl")]
    [InlineData("file&#58;&#47;&#47;npl")]
    [InlineData("s3&colon;//bucket")]
    [InlineData("s3:&#x2F;/bucket")]
    [InlineData("&#47npl/x")]
    [InlineData("see &#x2fnpl")]
    [InlineData("see \\u002Fnpl")]
    [InlineData("see \\x2fnpl")]
    [InlineData("\uD835\uDC1F\uD835\uDC22\uD835\uDC25\uD835\uDC1E:npl")]
    [InlineData("\u24D5\u24D8\u24DB\u24D4:npl")]
    [InlineData("https://user:password@example.org/x")]
    [InlineData("s3 ://bucket")]
    [InlineData("\uFF46\uFF49\uFF4C\uFF45\uFF1A\uFF0F\uFF0Fnpl")]
    [InlineData("file\u2236\u2215\u2215npl")]
    [InlineData("f\u0456le:npl.nc")]
    [InlineData("\u2044npl\u2044x")]
    [InlineData("s3://bucket/key")]
    [InlineData("see s3://bucket/key")]
    [InlineData("gs://b")]
    [InlineData("http+unix://%2Fvar%2Frun")]
    [InlineData("zip+https://example.org/a.zip")]
    [InlineData("https:/npl/x")]
    [InlineData("https:///npl/x")]
    [InlineData("https:\\\\npl\\x")]
    [InlineData("htt\u0440s://npl")]
    [InlineData("/vsicurl/https://example.org/x.tif")]
    [InlineData("zip/vsizip/x.zip")]
    [InlineData("NETCDF:\"/npl/x.nc\":sst")]
    [InlineData("GTIFF_DIR:1:/npl/x.tif")]
    [InlineData("HDF5:\"x.h5\"://sst")]
    [InlineData("user@host:/npl/x")]
    [InlineData("arn:aws:s3:::bucket/key")]
    [InlineData("simplecache::s3://bucket/key")]
    [InlineData("jar:file:/npl/x.jar!/a")]
    [InlineData("data:text/plain;base64,L25wbA==")]
    [InlineData("Made from /npl-data/x.nc by hand")]
    [InlineData("Made from\n/npl-data/x.nc")]
    [InlineData("[here](/npl-data/x.nc)")]
    [InlineData("[here](file:///npl/x.nc)")]
    [InlineData("<a href='/npl/x'>here</a>")]
    [InlineData("<a href=/npl/x>here</a>")]
    [InlineData("*/npl/x*")]
    [InlineData("`/npl/x`")]
    [InlineData("path=/npl/x")]
    [InlineData("~/npl/x")]
    [InlineData("../npl/x")]
    [InlineData("in D:\\npl")]
    [InlineData("in npl\\data\\x.nc")]
    [InlineData("https://example.org/proxy?url=file:///npl/x")]
    [InlineData("https://example.org/proxy?path=/npl/x")]
    [InlineData("https://example.org/proxy?path=%2Fnpl%2Fx")]
    [InlineData("https://example.org/ and s3://bucket")]
    [InlineData("</npl-data>")]
    public void What_says_where_something_lies_is_hidden(string text)
    {
        Assert.True(StacRedaction.IsHidden(text, StacSchemes.Web));
        Assert.True(StacRedaction.IsHidden($"Before: {text} after.", StacSchemes.Web) || text == "/");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("LANDSAT_C2L1-Landsat-9-vs-S2_MSI_L1C-S2A_20220521T084640_-108.68")]
    [InlineData("2022-05-21T08:46:40.5+00:00")]
    [InlineData("2022-05-21T08:46:40Z/2022-05-21T08:46:40Z")]
    [InlineData("P1DT12H")]
    [InlineData("https://example.org/a/b.tif?x=1&y=2#z")]
    [InlineData("HTTPS://EXAMPLE.ORG/A")]
    [InlineData("https://example.org:8443/a//b/~user/-/@x")]
    [InlineData("https://{bucket}.s3.{region}.amazonaws.com/{z}/{x}/{y}")]
    [InlineData("https://[::1]/a")]
    [InlineData("https://example.org/@me?a=b@c")]
    [InlineData("AT&T & sons; R&D &#1114112; \\u12 data: a, b")]
    [InlineData("https://browser.example.org/#/collections/a")]
    [InlineData("See https://example.org/a, http://example.org/b (and https://example.org/c).")]
    [InlineData("[here](https://example.org/a)")]
    [InlineData("<b>bold</b> and <i>thin</i>")]
    [InlineData("https://example.org/proxy?url=https%3A%2F%2Fexample.org%2Fa")]
    [InlineData("mailto:someone@example.org")]
    [InlineData("urn:ogc:def:crs:EPSG::4326")]
    [InlineData("doi:10.5067/MODIS/MOD09GA.006")]
    [InlineData("image/tiff; application=geotiff; profile=cloud-optimized")]
    [InlineData("application/vnd.oai.openapi+json;version=3.0")]
    [InlineData("*/*")]
    [InlineData("W m-2 sr-1 / um")]
    [InlineData("m/s")]
    [InlineData("m\u00B2/s, \u00B0/h, (W)/m")]
    [InlineData("and/or 1/2 w/o 100% & more")]
    [InlineData("ratio 1:2, 12:00")]
    [InlineData("Note: this")]
    [InlineData("profile:x")]
    [InlineData("$\\alpha$ \\_escaped\\_")]
    [InlineData("\u00C9tat: \u4E2D\u6587 \uD83D\uDEF0")]
    [InlineData("EPSG:32631")]
    [InlineData("comparison:2026-01-15")]
    [InlineData("#/definitions/x")]
    public void What_anybody_may_read_stays(string text) =>
        Assert.False(StacRedaction.IsHidden(text, StacSchemes.Web));

    [Fact]
    public void Long_texts_are_read_in_time_that_grows_as_they_do()
    {
        foreach (var part in (string[])["data:", "file ", "/vsi", "a/", "%25", "&#38;", "<", "https://a ", ":", "a:b "])
        {
            var text = string.Concat(Enumerable.Repeat(part, 2_000_000 / part.Length));
            StacRedaction.IsHidden(text, StacSchemes.Web);
        }
    }

    [Fact]
    public void A_scheme_that_the_operator_names_is_visible()
    {
        var schemes = new StacSchemes(["S3", "https"]);
        Assert.Equal("http,https,s3", schemes.ToString());
        Assert.False(StacRedaction.IsHidden("s3://bucket/key", schemes));
        Assert.True(StacRedaction.IsHidden("gs://bucket/key", schemes));
        Assert.Throws<ArgumentException>(() => new StacSchemes(["s3:"]));
    }
}
