using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The row that stands for the whole catalogue of an organization.</summary>
static class CatalogueWholes
{
    extension(Tx tx)
    {
        /// <summary>Makes this transaction the only one that adds collections, promotes properties, or shows and hides
        /// collections, until it ends. Taken before the lock of any collection.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="shown">How many collections are shown to outsiders or hidden from them in it.</param>
        public Task HoldCatalogue(string org, long shown = 0) => tx.Run($"""
            insert into catalogue_wholes (org, shown_epoch) values ({org}, {shown})
            on conflict (org) do update set shown_epoch = catalogue_wholes.shown_epoch + excluded.shown_epoch
            """);
    }
}
