using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

public sealed class JsonTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", true)]
    [InlineData("""["\u0001","\u00e4","\n\"","\ud83d\ude00"]""", true)]
    [InlineData("""["\\u0000"]""", true)]
    [InlineData("""["\\\u0000"]""", false)]
    [InlineData("""{"\u0000":1}""", false)]
    [InlineData("""["\ud83d"]""", false)]
    [InlineData("""["\uD83Dx"]""", false)]
    [InlineData("""["\ud83d\ud83d"]""", false)]
    [InlineData("""["\ude00"]""", false)]
    public void A_document_can_be_kept_unless_a_text_in_it_is_none_to_postgresql(string text, bool can) =>
        Assert.Equal(can, new Json(text).CanBeKept);
}
