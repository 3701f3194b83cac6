using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Keeps out what was prepared to show outsiders more than they may see.</summary>
static class FittingForms
{
    extension(Tx tx)
    {
        /// <summary>Refuses what was prepared to a form that the catalogue's does not cover: by a process that was
        /// started with other settings, or is of another version. Called under the collection's lock.</summary>
        /// <exception cref="Refused">503 <c>CATALOGUE_REINDEXING</c>.</exception>
        public async Task MustFit(string form)
        {
            foreach (var present in await tx.All<Words>($"select form as t from catalogue_forms"))
                if (!Fits(form, present.T!))
                    throw new Refused(503, "CATALOGUE_REINDEXING",
                        "This server prepares documents for outsiders in another way than the catalogue has them by "
                        + "now; nothing was kept.",
                        "Start it again, with the version and the catalogue.external_schemes of the others.")
                    {
                        RetryAfter = TimeSpan.FromSeconds(10),
                    };
        }
    }

    /// <summary>True where the first form has the second's version, and shows no scheme that it does not.</summary>
    internal static bool Fits(string form, string present)
    {
        if (form == present) return true;
        var (mine, theirs) = (form.Split(':', 2), present.Split(':', 2));
        return mine.Length == 2 && theirs.Length == 2 && mine[0] == theirs[0]
            && mine[1].Split(',').All(theirs[1].Split(',').Contains);
    }
}
