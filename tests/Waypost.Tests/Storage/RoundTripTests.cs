using FsCheck;
using FsCheck.Fluent;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

/// <summary>Every type we store comes back as it went in, on both databases, one by one and in bulk.</summary>
public sealed class RoundTripTests
{
    sealed record Everything(
        Guid Id, string Text, long Number, double Float, bool Truth, DateTimeOffset Time, byte[] Bytes, Json Document,
        string? Absent) : IRow<Everything>
    {
        public static Everything Read(Row row) => new(
            row.Id("id"), row.Text("words"), row.Long("number"), row.Double("float"), row.Bool("truth"),
            row.Time("time"), row.Bytes("bytes"), row.Json("document"), row.TextOrNull("absent"));
    }

    sealed record Body(string? Text) : IRow<Body>
    {
        public static Body Read(Row row) => new(row.TextOrNull("body"));
    }

    [Theory, Backends]
    public async Task Values_come_back_as_they_went_in(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        await using (var tx = await database.Db.Begin(Token))
        {
            await tx.Run(backend == Backend.Postgres
                ? (Sql)$"""
                    create table every_type (id uuid, words text, number bigint, float double precision,
                        truth boolean, time timestamptz, bytes bytea, document jsonb, absent text)
                    """
                : $"""
                    create table every_type (id text, words text, number bigint, float real,
                        truth boolean, time text, bytes blob, document text, absent text)
                    """);
            await tx.Commit();
        }
        var values = Samples().ToList();

        await using (var tx = await database.Db.Begin(Token))
        {
            foreach (var v in values)
                await tx.Run($"""
                    insert into every_type (id, words, number, float, truth, time, bytes, document, absent)
                    values ({v.Id}, {v.Text}, {v.Number}, {v.Float}, {v.Truth}, {v.Time}, {v.Bytes}, {v.Document},
                        {v.Absent})
                    """);
            await tx.Insert(
                $"every_type (id, words, number, float, truth, time, bytes, document, absent)",
                values.Select(v => new object?[]
                {
                    v.Id, v.Text, v.Number, v.Float, v.Truth, v.Time, v.Bytes, v.Document, v.Absent,
                }));
            await tx.Commit();
        }

        foreach (var v in values)
        {
            var back = await database.Db.All<Everything>($"select * from every_type where id = {v.Id}", Token);
            Assert.Equal(2, back.Count);
            Assert.All(back, b => Assert.Equivalent(v with { Document = b.Document }, b, strict: true));
            Assert.All(back, b => Assert.Equal(v.Document.To<int[]>(), b.Document.To<int[]>()));
        }
    }

    [Theory, Backends]
    public async Task Rows_of_any_size_are_inserted_at_once_or_none_of_them(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        // Larger than a buffer, than what is sent at once, and smaller than both; two, three and four bytes a letter.
        string[] texts =
            [new('x', 700_000), new('é', 300_000), "", string.Concat(Enumerable.Repeat("€😀", 90_000)), "a"];
        await using (var tx = await database.Db.Begin(Token))
        {
            Assert.Equal(5, await tx.Insert($"storage_notes (org, n, body)", Rows("kept")));
            await tx.Commit();
        }
        await using (var tx = await database.Db.Begin(Token))
            await Assert.ThrowsAsync<FormatException>(() => tx.Insert(
                $"storage_notes (org, n, body)", Rows("lost").Append([]).Select(
                    row => row.Length > 0 ? row : throw new FormatException())));

        var kept = await database.Db.All<Words>(
            $"select body as t from storage_notes where org = {"kept"} order by n", Token);
        Assert.Equal(texts, kept.Select(row => row.T));
        Assert.Equal(5, await database.Db.One<Number>(
            $"select count(*) as n from storage_notes where org <> {"none"}", Token) is { N: var n } ? n : 0);
        Assert.Equal(["a"], await Found("a", "b"));
        Assert.Empty(await Found());

        IEnumerable<object?[]> Rows(string org) =>
            texts.Select((text, i) => new object?[] { org, org == "kept" ? i : -1L - i, text });

        async Task<IEnumerable<string?>> Found(params string[] wanted)
        {
            await using var tx = await database.Db.Read(Token);
            return (await tx.AllOf<Body>(
                $"body", $"storage_notes", $"org = {"kept"} and body = wanted.value", wanted)).Select(row => row.Text);
        }
    }

    [Theory, Backends]
    public async Task A_hole_is_a_parameter_whatever_is_in_it(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        const string hostile = "x'); drop table storage_notes; --";
        await database.Write(1, hostile);

        Assert.Equal(hostile, (await database.Db.One<Words>(
            $"select body as t from storage_notes where org = {"o"} and body = {hostile}", Token))!.T);
    }

    [Theory, Backends]
    public async Task A_statement_that_forgets_whose_rows_it_means_is_refused(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            database.Db.All<Number>($"select count(*) as n from events", Token));
        await using var tx = (await database.Db.Read(Token)).AcrossOrganizations("a test looks");
        Assert.Equal(0, await tx.Count($"select count(*) as n from events"));
        Assert.True(StatementRule.Doors["a test looks"] > 0);
    }

    static IEnumerable<Everything> Samples()
    {
        const ulong seed = 20261120;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var moment = new DateTimeOffset(2026, 11, 20, 10, 11, 12, TimeSpan.Zero);
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Sample(12, new Rnd(seed, 1), 40);
        var numbers = ArbMap.Default.GeneratorFor<long>().Sample(12, new Rnd(seed, 3), 40);
        var floats = ArbMap.Default.GeneratorFor<NormalFloat>().Sample(12, new Rnd(seed, 5), 40);
        return texts.Zip(numbers, floats).Select((x, i) => new Everything(
            Guid.CreateVersion7(moment), i == 0 ? "" : Storable(x.First.Get), x.Second, x.Third.Get,
            i % 2 == 0, moment.AddTicks(i * 10), i == 1 ? [] : [(byte)i, 0, 255], Json.Of(new[] { i, -i }),
            i % 3 == 0 ? null : "é"));
    }

    // PostgreSQL's text holds neither NUL nor half a character.
    static string Storable(string text) => new([.. text.Where(c => c != '\0' && !char.IsSurrogate(c))]);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
