namespace Waypost.Work;

/// <summary>The three decisions that the engine's promises hang on, as pure functions.</summary>
/// <remarks>The server always runs with <see cref="Shipped"/>. The simulation runs with one of them broken, to show
/// that it would notice.</remarks>
/// <param name="IsCurrentFence">May who shows this fence change a task that holds this one?</param>
/// <param name="IsStageDone">Is a stage with so many tasks remaining at its end?</param>
/// <param name="DueBy">A waiting task whose time is not after this one is ready.</param>
sealed record EngineRules(
    Func<long, long, bool> IsCurrentFence,
    Func<int, bool> IsStageDone,
    Func<DateTimeOffset, DateTimeOffset> DueBy)
{
    public static readonly EngineRules Shipped = new(
        IsCurrentFence: static (shown, held) => shown == held,
        IsStageDone: static remaining => remaining == 0,
        DueBy: static now => now);
}
