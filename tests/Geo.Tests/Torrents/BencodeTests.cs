using System.Text;
using Waypost.Wire.Torrents;
using Xunit;

namespace Waypost.Geo.Tests.Torrents;

/// <summary>Each value has one way to be written, and nothing else is read.</summary>
public sealed class BencodeTests
{
    [Theory]
    [InlineData("4:spam")]
    [InlineData("0:")]
    [InlineData("i0e")]
    [InlineData("i-3e")]
    [InlineData("i9223372036854775807e")]
    [InlineData("l4:spam4:eggse")]
    [InlineData("de")]
    [InlineData("d3:cow3:moo4:spamli1eee")]
    public void What_is_read_is_written_the_same(string text) =>
        Assert.Equal(text, Encoding.ASCII.GetString(Bencode.Read(Encoding.ASCII.GetBytes(text)).Write()));

    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("i03e", "shortest form")]
    [InlineData("i-0e", "shortest form")]
    [InlineData("ie", "shortest form")]
    [InlineData("i9223372036854775808e", "64 bits")]
    [InlineData("i3", "without its end")]
    [InlineData("5:spam", "not the length")]
    [InlineData("04:spam", "not the length")]
    [InlineData("99999999999:x", "a length and a colon")]
    [InlineData("x", "a length and a colon")]
    [InlineData("l4:spam", "ends too early")]
    [InlineData("d3:cow3:mooe1:x", "nothing more")]
    [InlineData("d4:spam1:a3:cow1:be", "names must ascend")]
    [InlineData("d3:cow1:a3:cow1:be", "names must ascend")]
    [InlineData("di1ei2ee", "a length and a colon")]
    public void What_is_written_otherwise_is_refused_by_its_place(string text, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(
            () => Bencode.Read(Encoding.ASCII.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_tower_of_lists_is_refused_before_the_stack_ends() =>
        Assert.Throws<FormatException>(() => Bencode.Read(Encoding.ASCII.GetBytes(new string('l', 100_000))));

    [Fact]
    public void Random_values_come_back()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var value = Any(random, 0);
            var bytes = value.Write();
            var read = Bencode.Read(bytes);
            Assert.True(value.Equals(read), $"seed {seed}, round {round}");
            Assert.True(bytes.AsSpan().SequenceEqual(read.Write()), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void A_damaged_value_is_refused_or_read_as_another_and_never_crashes()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = Any(random, 0).Write();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var read = Bencode.Read(bytes);
                Assert.True(bytes.AsSpan().SequenceEqual(read.Write()), $"seed {seed}, round {round}");
            }
            catch (FormatException refused)
            {
                Assert.StartsWith("Not bencoded at byte", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    static Bencode Any(Random random, int depth) => random.Next(depth > 4 ? 2 : 4) switch
    {
        0 => new Bencode.Whole(random.NextInt64(long.MinValue, long.MaxValue)),
        1 => Some(random),
        2 => new Bencode.Row([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, depth + 1))]),
        _ => new Bencode.Map(Enumerable.Range(0, random.Next(4)).Select(_ => Some(random)).Distinct()
            .Select(name => KeyValuePair.Create(name, Any(random, depth + 1)))),
    };

    static Bencode.Text Some(Random random)
    {
        var bytes = new byte[random.Next(12)];
        random.NextBytes(bytes);
        return new Bencode.Text(bytes);
    }
}
