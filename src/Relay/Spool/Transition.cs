using Relay.Mail;
using Relay.Status;

namespace Relay.Spool;

/// <summary>
/// What a step decided: the spool makes all of it durable, and ends the work that it follows from, at once. The same
/// transition committed twice changes nothing the second time.
/// </summary>
public sealed record Transition
{
    /// <summary>The work that this ends.</summary>
    public required Lease Follows { get; init; }

    /// <summary>When it was decided.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>New states, at most one a recipient. Each is written to the timeline too.</summary>
    public IReadOnlyList<RecipientChange> Recipients { get; init; } = [];

    /// <summary>Further lines for the timeline.</summary>
    public IReadOnlyList<StatusEvent> Events { get; init; } = [];

    /// <summary>Work that follows.</summary>
    public IReadOnlyList<NextWork> Next { get; init; } = [];

    /// <summary>
    /// The message's other notices that may be joined (<see cref="WorkDetail.MayJoin"/>) end too, and what they were to tell goes
    /// into the one next work. Whichever of them commits first has them all: the others find their own work ended, and change
    /// nothing. So each recipient is told of once, however their runs interleave.
    /// </summary>
    public bool JoinsNotices { get; init; }

    /// <summary>Nothing but the end of the work is written unless all new states are taken: they may have been told before.</summary>
    public bool OnlyIfChanged { get; init; }

    /// <summary>What the first octets of the content become, together with the rest of this; null to leave them.</summary>
    public ContentHead? Head { get; init; }

    /// <summary>The content is to be kept after the last work, as of captured mail.</summary>
    public bool KeepContent { get; init; }
}

/// <summary>The new state of one recipient.</summary>
/// <param name="Index">Its place in the envelope.</param>
/// <param name="Status">The new status; address and time are those of the transition.</param>
public sealed record RecipientChange(int Index, RecipientStatus Status);

/// <summary>Work that follows from a transition, for the same message.</summary>
/// <param name="Queue">Which step.</param>
/// <param name="Detail">What it is about.</param>
/// <param name="DueAt">Not before.</param>
public sealed record NextWork(WorkQueue Queue, WorkDetail Detail, DateTimeOffset DueAt);
