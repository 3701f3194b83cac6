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
            i % 2 == 0, moment.AddTicks(i * 10), i == 1 ? [] : [(byte)i, 0, 255], Json.Of(new[] { i, -i }), i % 3 == 0 ? null : "é"));
    }

    // PostgreSQL's text holds neither NUL nor half a character.
    static string Storable(string text) => new([.. text.Where(c => c != '\0' && !char.IsSurrogate(c))]);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
