namespace Relay.Options;

/// <summary>The suppression list: addresses to which no mail is sent.</summary>
public sealed record SuppressionOptions
{
    /// <summary>Whether an address enters it when a host says for good that there is no such mailbox.</summary>
    public bool HardBounces { get; init; } = true;

    /// <summary>How long such an address stays there.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromDays(30);
}
