using System.Text.Json.Serialization;

namespace Relay.Status;

/// <summary>Where one recipient of one message stands. All but the first two are final.</summary>
[JsonConverter(typeof(RecipientStateJson))]
public enum RecipientState
{
    /// <summary>Accepted; no attempt has ended yet.</summary>
    Queued = 0,

    /// <summary>An attempt failed for now; another one is due.</summary>
    Deferred = 1,

    /// <summary>The next hop took responsibility, or the message was captured.</summary>
    Delivered = 2,

    /// <summary>Refused for good by the next hop or by its DNS.</summary>
    Bounced = 3,

    /// <summary>Deferred for longer than the queue keeps mail.</summary>
    Expired = 4,

    /// <summary>Refused by a check after acceptance.</summary>
    Rejected = 5,

    /// <summary>Kept apart by a check.</summary>
    Quarantined = 6,

    /// <summary>Taken back by an operator.</summary>
    Cancelled = 7,

    /// <summary>On the suppression list, and therefore not tried.</summary>
    Suppressed = 8,
}

/// <summary>What follows from a state.</summary>
public static class RecipientStates
{
    /// <summary>True when nothing more will be tried.</summary>
    public static bool IsFinal(this RecipientState state) => state >= RecipientState.Delivered;
}

/// <summary>States are lower-case words in JSON.</summary>
internal sealed class RecipientStateJson()
    : JsonStringEnumConverter<RecipientState>(System.Text.Json.JsonNamingPolicy.CamelCase);
