using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>What is sealed can be opened with the same key, and by nobody else.</summary>
public sealed class SecretsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("whsec_abc")]
    [InlineData("søt hemmelighet 🗝")]
    public void What_is_sealed_opens_again_and_differs_each_time(string text)
    {
        var secrets = Secrets.Of("the operator's secret");
        var once = secrets.Seal(text);
        Assert.Equal(text, Secrets.Of("the operator's secret").Open(once));
        Assert.NotEqual(once, secrets.Seal(text));
    }

    [Fact]
    public void Another_key_is_named_as_the_reason()
    {
        var text = Secrets.Of("one").Seal("x");
        var error = Assert.Throws<SecretLostException>(() => Secrets.Of("two").Open(text));
        Assert.Contains("WAYPOST_SECRET", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_text_does_not_open()
    {
        var secrets = Secrets.Of("one");
        var text = secrets.Seal("something to keep").ToCharArray();
        text[^8] = text[^8] == 'A' ? 'B' : 'A';
        Assert.Throws<SecretLostException>(() => secrets.Open(new string(text)));
        Assert.Throws<SecretLostException>(() => secrets.Open("v1.short"));
        Assert.Throws<SecretLostException>(() => secrets.Open("plain"));
    }

    [Fact]
    public void The_key_file_is_made_once_and_is_its_owners_alone()
    {
        var folder = Directory.CreateTempSubdirectory("waypost-secrets-").FullName;
        var text = Secrets.InFolder(folder).Seal("x");
        Assert.Equal("x", Secrets.InFolder(folder).Open(text));
        var file = Directory.GetFiles(folder).Single();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        File.WriteAllText(file, "not a key");
        Assert.Contains(file, Assert.Throws<CannotStartException>(() => Secrets.InFolder(folder)).Message,
            StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
