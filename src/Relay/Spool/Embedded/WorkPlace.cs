namespace Relay.Spool.Embedded;

/// <summary>Where a work stands in its queue: those due first come first, and among those due together the older ones.</summary>
/// <param name="DueAt">Milliseconds since 1970.</param>
/// <param name="Id">The number of the work.</param>
internal readonly record struct WorkPlace(long DueAt, long Id)
{
    /// <summary>Before all others.</summary>
    public static WorkPlace First { get; } = new(long.MinValue, 0);

    /// <summary>Behind all others.</summary>
    public static WorkPlace Last { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>The place right behind this one.</summary>
    public WorkPlace Next => this with { Id = Id + 1 };

    /// <summary>The one of two that comes first.</summary>
    public static WorkPlace Earlier(WorkPlace a, WorkPlace b) =>
        a.DueAt < b.DueAt || (a.DueAt == b.DueAt && a.Id <= b.Id) ? a : b;
}
