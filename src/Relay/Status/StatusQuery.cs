namespace Relay.Status;

/// <summary>A question to the status. Everything left null matches all.</summary>
public sealed record StatusQuery
{
    /// <summary>The most entries that one answer holds.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Accepted at or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>At least one recipient in this state.</summary>
    public RecipientState? State { get; init; }

    /// <summary>The reverse-path, without case.</summary>
    public string? Sender { get; init; }

    /// <summary>A recipient, without case.</summary>
    public string? Recipient { get; init; }

    /// <summary>Entries wanted, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Where the answer before this one ended.</summary>
    public string? Cursor { get; init; }
}

/// <summary>An answer to a <see cref="StatusQuery"/>, newest first.</summary>
/// <param name="Messages">The messages, without their events.</param>
/// <param name="Cursor">Pass it on to read further; null at the end.</param>
public sealed record StatusPage(IReadOnlyList<MessageStatus> Messages, string? Cursor);
