using Waypost.Access;
using Waypost.Pipelines;
using Xunit;

namespace Waypost.Tests.Pipelines;

public sealed class IdentityTests
{
    static readonly RequestIdentity One = new("ddh", "floods", "dhaka", "v1");

    [Fact]
    public void Seed_defect_1_the_identity_includes_the_client()
    {
        Assert.NotEqual(One.RequestId, (One with { Client = "other" }).RequestId);
        Assert.Equal(One.RequestId, new RequestIdentity("ddh", "floods", "dhaka", "v1").RequestId);
        Assert.Matches("^[0-9a-f]{32}$", One.RequestId);
    }

    [Fact]
    public void Names_that_run_together_the_same_way_are_different_requests()
    {
        Assert.NotEqual(
            new RequestIdentity("ddh", "a_b", "c", "v1").RequestId,
                new RequestIdentity("ddh", "a", "b_c", "v1").RequestId);
        Assert.NotEqual(
            new RequestIdentity("ddh", "a|1:b", "c", "v1").RequestId,
                new RequestIdentity("ddh", "a", "b|1:c", "v1").RequestId);
        Assert.NotEqual((One with { Version = null }).RequestId, (One with { Version = "draft" }).RequestId);
    }

    [Theory]
    [InlineData("dataset_id", "a")]
    [InlineData("dataset_id", "0.a_B-9")]
    [InlineData("version_id", "2024-05-01")]
    public void A_name_of_letters_digits_dots_underscores_and_hyphens_is_taken(string field, string name) =>
        RequestIdentity.Check(field, name);

    [Theory]
    [InlineData("dataset_id", "")]
    [InlineData("dataset_id", ".hidden")]
    [InlineData("dataset_id", "a/b")]
    [InlineData("dataset_id", "a\n")]
    [InlineData("dataset_id", "ä")]
    [InlineData("version_id", "a-version-name-that-is-longer-than-fifty-characters!")]
    public void Any_other_name_is_refused_with_its_field(string field, string name)
    {
        var refused = Assert.Throws<Refused>(() => RequestIdentity.Check(field, name));

        Assert.Equal("INVALID_ID", refused.Code);
        Assert.Equal(field, refused.Details["field"]);
    }

    [Fact]
    public void A_name_is_at_most_255_characters_and_a_version_50()
    {
        RequestIdentity.Check("resource_id", new string('a', 255));
        RequestIdentity.Check("version_id", new string('a', 50));

        Assert.Throws<Refused>(() => RequestIdentity.Check("resource_id", new string('a', 256)));
        Assert.Throws<Refused>(() => RequestIdentity.Check("version_id", new string('a', 51)));
    }
}
