namespace Relay.Options;

/// <summary>What comes from Azure Communication Services.</summary>
public sealed record AcsOptions
{
    /// <summary>What whoever posts delivery reports must know; null to take none. A secret.</summary>
    public string? EventsKey { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(AcsOptions);
}
