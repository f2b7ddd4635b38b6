using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>Work of the spool on Azure Storage that is held.</summary>
/// <param name="Work">What to do.</param>
/// <param name="Hold">What the engine knows it by; all copies of a lease share it.</param>
internal sealed record AzureLease(WorkItem Work, AzureHold Hold) : Lease(Work)
{
    /// <summary>What this engine knows a lease by.</summary>
    public static AzureHold HoldOf(Lease lease) => ((AzureLease)lease).Hold;
}

/// <summary>How a work is held, and what was known of it when it was leased.</summary>
internal sealed class AzureHold(AzureShard shard, MessageId message, WorkQueue queue, string work)
{
    /// <summary>Where the work is.</summary>
    public AzureShard Shard => shard;

    /// <summary>The message.</summary>
    public MessageId Message => message;

    /// <summary>Which step.</summary>
    public WorkQueue Queue => queue;

    /// <summary>The name of the work.</summary>
    public string Work => work;

    /// <summary>How many works it follows from.</summary>
    public required int Depth { get; init; }

    /// <summary>Where the content is; null when the spool does not answer for it any more.</summary>
    public required ContentHome? Content { get; init; }

    /// <summary>When it was leased.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>This run, so that a commit whose answer was lost can be told from another's.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The rows of the message as they were at the lease; null for a first work, which looks at none.</summary>
    public MessageRows? Rows { get; init; }

    /// <summary>The message of the queue that it came by; null where a host has leased it, and ends the lease itself.</summary>
    public HeldMessage? Came { get; init; }

    /// <summary>Its row says that somebody is at it.</summary>
    public bool HasClaim { get; set; }

    /// <summary>It was committed, given back or set aside.</summary>
    public bool HasEnded { get; set; }
}
