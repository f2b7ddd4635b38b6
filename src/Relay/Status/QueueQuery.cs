using System.Text.Json.Serialization;

namespace Relay.Status;

/// <summary>Where queued mail stands.</summary>
[JsonConverter(typeof(QueueStateJson))]
public enum QueueState
{
    /// <summary>Not tried yet, or handed to a service that has not told yet what became of it.</summary>
    Queued = 0,

    /// <summary>Tried in vain, to be tried again.</summary>
    Deferred = 1,

    /// <summary>An operator holds it.</summary>
    Held = 2,

    /// <summary>Set aside because it could not be done; an operator decides.</summary>
    SetAside = 3,
}

/// <summary>In which order the queue is shown.</summary>
public enum QueueOrder
{
    /// <summary>What is tried next comes first.</summary>
    Due = 0,

    /// <summary>What was accepted first comes first.</summary>
    Age = 1,
}

/// <summary>A question to the queue. Everything left null matches all.</summary>
public sealed record QueueQuery
{
    /// <summary>The most entries that one answer holds.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Only what stands so.</summary>
    public QueueState? State { get; init; }

    /// <summary>Only what has a recipient of this domain.</summary>
    public string? Domain { get; init; }

    /// <summary>The order.</summary>
    public QueueOrder Order { get; init; }

    /// <summary>Entries wanted, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Where the answer before this one ended.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Recipients of one message that are tried together.</summary>
public sealed record QueueEntry
{
    /// <summary>The id of the message.</summary>
    public required string Id { get; init; }

    /// <summary>Where they stand.</summary>
    public required QueueState State { get; init; }

    /// <summary>When Relay took responsibility.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When they are tried; in the past when they are due, or were when they were held.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The reverse-path; empty for the null reverse-path.</summary>
    public required string Sender { get; init; }

    /// <summary>Octets of the content.</summary>
    public required long Size { get; init; }

    /// <summary>The route; null until it is decided.</summary>
    public string? Route { get; init; }

    /// <summary>The recipients.</summary>
    public required IReadOnlyList<RecipientStatus> Recipients { get; init; }
}

/// <summary>An answer to a <see cref="QueueQuery"/>.</summary>
/// <param name="Entries">What matches. An answer that had to look at much may hold few, or none, and not be the last.</param>
/// <param name="Cursor">Pass it on to read further; null at the end.</param>
public sealed record QueuePage(IReadOnlyList<QueueEntry> Entries, string? Cursor);

/// <summary>What is queued, by the domain of its recipients.</summary>
public sealed record QueueSummary
{
    /// <summary>All works of the queue.</summary>
    public required int Total { get; init; }

    /// <summary>Works for which no domain was looked up, because there are too many that have just come or have several domains.</summary>
    public required int NotLookedAt { get; init; }

    /// <summary>The domains with the most works, those first.</summary>
    public required IReadOnlyList<QueueDestination> Destinations { get; init; }
}

/// <summary>What is queued for one domain.</summary>
public sealed record QueueDestination
{
    /// <summary>The domain, in A-labels.</summary>
    public required string Domain { get; init; }

    /// <summary>The routes that lead there, as far as they are decided.</summary>
    public required IReadOnlyList<string> Routes { get; init; }

    /// <summary>Works that are tried sooner or later. A message has one for each route and destination.</summary>
    public int Waiting { get; init; }

    /// <summary>Works that an operator holds.</summary>
    public int Held { get; init; }

    /// <summary>Works that are set aside.</summary>
    public int SetAside { get; init; }

    /// <summary>When the oldest message was accepted.</summary>
    public DateTimeOffset OldestAt { get; init; }

    /// <summary>When the next attempt is due; null when all is held or set aside.</summary>
    public DateTimeOffset? NextAt { get; init; }
}

/// <summary>States are words in JSON.</summary>
internal sealed class QueueStateJson()
    : JsonStringEnumConverter<QueueState>(System.Text.Json.JsonNamingPolicy.CamelCase);
