using Relay.Accounts;

namespace Relay.Options;

/// <summary>How much mail a destination gets at once.</summary>
public record DestinationLimits
{
    /// <summary>Attempts at the same time at most.</summary>
    public int Concurrency { get; init; } = 20;

    /// <summary>Attempts in a time at most; null for as many as there are.</summary>
    public Rate? Rate { get; init; }
}

/// <summary>Limits of some destinations.</summary>
public sealed record DestinationOptions : DestinationLimits
{
    /// <summary>A domain in A-labels, or <c>*.domain</c> for all below it; the host of a smarthost route likewise.</summary>
    public required string Domain { get; init; }
}
