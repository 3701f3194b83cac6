using System.Text.Json;

namespace Waypost.Access;

/// <summary>What a caller is, in the words of the operations contract; roles do not nest.</summary>
public enum Role
{
    /// <summary>Everything of its organization.</summary>
    OrgAdmin,

    /// <summary>Missions, entities and commands.</summary>
    MissionCommander,

    /// <summary>Like the commander, commands to its assigned entities only.</summary>
    Operator,

    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>A rescue node: its own leases, heartbeats and reports.</summary>
    Node,

    /// <summary>An application: submits jobs, writes the catalogue.</summary>
    Service,
}

/// <summary>What an endpoint asks for. Each route states exactly one.</summary>
public enum Permission
{
    /// <summary>See catalogued things, tiles and downloads.</summary>
    CatalogueRead,

    /// <summary>See catalogued things in the form that outsiders may see; whoever has catalogue_read may do this too.
    /// </summary>
    CatalogueReadExternal,

    /// <summary>Add, change and remove catalogued things.</summary>
    CatalogueWrite,

    /// <summary>See jobs and requests.</summary>
    JobsRead,

    /// <summary>Submit, cancel, pause and resume jobs; upload files.</summary>
    JobsWrite,

    /// <summary>Lease tasks and report on them.</summary>
    TasksWork,

    /// <summary>See what there is to rescue and what became of it.</summary>
    RescueRead,

    /// <summary>Ask for assets to fetch, and report on them.</summary>
    RescueTake,

    /// <summary>Import what there is to rescue, rank it, and manage rescuers.</summary>
    RescueWrite,

    /// <summary>Read the event log.</summary>
    EventsRead,

    /// <summary>Manage webhooks.</summary>
    WebhooksManage,

    /// <summary>See the organization's name and tier.</summary>
    OrganizationRead,

    /// <summary>Manage the organization's keys and settings.</summary>
    OrganizationManage,

    /// <summary>Create organizations; only the administrators of the default organization may.</summary>
    OrganizationsCreate,

    /// <summary>Read the whole installation's measurements; only the administrators of the default organization may.
    /// </summary>
    MetricsRead,
}

/// <summary>Which role may do what: the table that docs/reference shows.</summary>
public static class Roles
{
    /// <summary>What this role may do, before its key's scopes narrow it.</summary>
    public static IReadOnlySet<Permission> May(Role role) => role switch
    {
        Role.OrgAdmin => Everything,
        Role.MissionCommander or Role.Operator or Role.Viewer => Reader,
        Role.Service => Application,
        Role.Node => Worker,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Not a role."),
    };

    /// <summary>What a key of this role and organization may do, narrowed by its scopes where it has any.</summary>
    public static IReadOnlySet<Permission> May(Role role, string org, IReadOnlyCollection<string> scopes)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        IEnumerable<Permission> may = May(role);
        if (org != Caller.DefaultOrg) may = may.Except(OfTheInstallation);
        if (scopes.Count > 0) may = may.Where(permission => Covers(scopes, permission));
        return may.ToHashSet();
    }

    // Whoever sees the whole sees the part of it.
    static bool Covers(IReadOnlyCollection<string> scopes, Permission permission) =>
        scopes.Contains(Name(permission))
        || permission is Permission.CatalogueReadExternal && scopes.Contains(Name(Permission.CatalogueRead));

    /// <summary>A permission's name on the wire and in scopes: <c>catalogue_read</c>.</summary>
    public static string Name(Permission permission) => Names[permission];

    /// <summary>The permission of this name; null when there is none.</summary>
    public static Permission? Named(string name) =>
        Names.Where(known => known.Value == name).Select(known => (Permission?)known.Key).FirstOrDefault();

    static readonly Dictionary<Permission, string> Names = Enum.GetValues<Permission>().ToDictionary(
        permission => permission, permission => JsonNamingPolicy.SnakeCaseLower.ConvertName(permission.ToString()));

    static readonly HashSet<Permission> OfTheInstallation = [Permission.OrganizationsCreate, Permission.MetricsRead];
    static readonly HashSet<Permission> Everything = [.. Enum.GetValues<Permission>()];
    static readonly HashSet<Permission> Reader =
    [
        Permission.CatalogueRead, Permission.CatalogueReadExternal, Permission.JobsRead, Permission.RescueRead,
        Permission.EventsRead, Permission.OrganizationRead,
    ];
    static readonly HashSet<Permission> Application =
    [
        .. Reader, Permission.CatalogueWrite, Permission.JobsWrite, Permission.TasksWork, Permission.RescueTake,
        Permission.RescueWrite,
    ];
    static readonly HashSet<Permission> Worker = [Permission.TasksWork, Permission.RescueRead, Permission.RescueTake];
}
