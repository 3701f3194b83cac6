using System.CommandLine;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue</c>: the commands of EOMatch's users.</summary>
static class CatalogueCommands
{
    public static Command Make(Surroundings surroundings) =>
        new("catalogue", "Local STAC catalogues: bring them to a server, and items of a server to them")
        {
            CatalogueIngestCommand.Make(surroundings), CatalogueQueryCommand.Make(surroundings),
            AddAssetCommand.Make(surroundings), CatalogueStatusCommand.Make(surroundings),
            ImportPgstacCommand.Make(surroundings), InstalledNames.Make(surroundings),
        };
}
