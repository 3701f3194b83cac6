using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Cli;

/// <summary>Writes straight into a database: the server's own catalogue module, run in this process.</summary>
sealed class DatabaseTarget(DirectCatalogue catalogue, bool isStrict, TimeProvider clock) : ICatalogueTarget
{
    /// <inheritdoc/>
    public string Name => catalogue.Db.Name;

    /// <summary>Opens it.</summary>
    /// <param name="dataFolder">A data folder; null: none, where there is a connection string.</param>
    /// <param name="postgres">A connection string; null: the SQLite of the data folder.</param>
    /// <param name="org">Whose catalogue.</param>
    /// <param name="isStrict">Refuse what could be repaired.</param>
    /// <param name="clock">The time.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="NotDoneException">It cannot be used; the sentence says why.</exception>
    public static async Task<DatabaseTarget> Open(
        string? dataFolder, string? postgres, string org, bool isStrict, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            return new DatabaseTarget(
                await DirectCatalogue.Open(dataFolder, postgres, org, clock, ct), isStrict, clock);
        }
        catch (CannotStartException taken) when (taken.InnerException is IOException)
        {
            throw new NotDoneException("FOLDER_TAKEN", taken.Message.Split(" Stop it")[0],
                "Send to the running server instead: --api-url http://127.0.0.1:8080/api --key KEY. Or stop it.");
        }
        catch (Exception error) when (error is CannotStartException or StorageRefusedException)
        {
            throw new NotDoneException("STORAGE", error.Message, "See what the sentence says.");
        }
        catch (StorageUnavailableException error)
        {
            throw new NotDoneException("STORAGE", error.Message, error.Remediation);
        }
        catch (Refused error)
        {
            throw new NotDoneException(error.Code, error.Message,
                "Start a server on this database once, or make the organization: waypost org create.");
        }
    }

    /// <inheritdoc/>
    public Task<Sent> Collection(JsonObject collection, CancellationToken ct) =>
        Write(collection.Text("id") ?? "", collection.Text("id") ?? "", (tx, now) => tx.PutCollection(
            catalogue.Org, new Json(collection.ToJsonString(CatalogueFolder.Plain)), now), ct);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Sent>> Items(IReadOnlyList<string> lines, CancellationToken ct)
    {
        var sent = new List<Sent>(lines.Count);
        var options = new BulkOptions(Validation: isStrict ? Validation.Strict : Validation.Repair);
        var items = lines.Select((line, index) => new BulkLine(index + 1, Encoding.UTF8.GetBytes(line)));
        await foreach (var one in catalogue.Bulk.Write(catalogue.Org, items.ToAsyncEnumerable(), options, ct))
            sent.Add(new Sent(one.Collection ?? "", one.Id ?? "", one.Status.ToString().ToLowerInvariant(),
                [.. one.Problems.Select(problem => problem.Detail)],
                [.. one.Repairs.Select(repair => $"{repair.Path}: {repair.What}; {repair.Done}")]));
        return sent;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> Ids(string collection, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = ""; ;)
        {
            IReadOnlyList<string> page;
            await using (var tx = await catalogue.Db.Read(ct))
                page = await tx.ItemIds(catalogue.Org, collection, after);
            foreach (var id in page) yield return id;
            if (page.Count < ItemLists.MostAtOnce) yield break;
            after = page[^1];
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Delete(ItemAddress address, CancellationToken ct)
    {
        await using var tx = await catalogue.Db.Begin(ct);
        var gone = await tx.DeleteItem(catalogue.Org, address.Collection, address.Id, clock.GetUtcNow());
        await tx.Commit();
        return gone;
    }

    /// <inheritdoc/>
    public async Task<string> Register(AnalysisToSend analysis, CancellationToken ct)
    {
        try
        {
            await using var tx = await catalogue.Db.Begin(ct);
            var done = await tx.RegisterAnalysis(
                catalogue.Org, analysis.Address.Collection, analysis.Address.Id, new AnalysisWish
                {
                    Href = analysis.Asset.Href,
                    Date = analysis.Asset.Date,
                    KeyPrefix = analysis.Asset.KeyPrefix,
                    MediaType = analysis.Asset.MediaType,
                    Title = analysis.Asset.Title,
                    Force = analysis.Force,
                    By = new AnalysisAuthor("waypost", null),
                }, clock.GetUtcNow());
            await tx.Commit();
            return done.Key;
        }
        catch (Refused refused)
        {
            throw new NotDoneException(refused.Code, refused.Message,
                refused.Remedy ?? "Ingest the catalogue first, so that the item is there.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => catalogue.DisposeAsync();

    async Task<Sent> Write(
        string collection, string id, Func<Tx, DateTimeOffset, Task<Written>> write, CancellationToken ct)
    {
        try
        {
            await using var tx = await catalogue.Db.Begin(ct);
            var written = await write(tx, clock.GetUtcNow());
            await tx.Commit();
            return new Sent(collection, id, written.ToString().ToLowerInvariant(), [], []);
        }
        catch (Refused refused)
        {
            return new Sent(collection, id, "failed", [refused.Message], []);
        }
    }
}
