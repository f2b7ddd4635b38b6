namespace Relay.Routing;

/// <summary>What only a capture route has.</summary>
public sealed record CaptureRoute
{
    /// <summary>
    /// Patterns of recipients who really get mail, as of <see cref="Route.Recipients"/>: this route does not take theirs, and the next
    /// one that matches does.
    /// </summary>
    public IReadOnlyList<string> AllowedRecipients { get; init; } = [];
}
