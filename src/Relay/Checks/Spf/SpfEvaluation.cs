namespace Relay.Checks.Spf;

/// <summary>What one identity of a client came to.</summary>
/// <param name="Result">The result.</param>
public sealed record SpfEvaluation(SpfResult Result)
{
    /// <summary>Of a fail: why, in printable ASCII; the domain's own words where <see cref="ExplainedBy"/> is given. Null for all else.</summary>
    public string? Explanation { get; init; }

    /// <summary>The domain whose words <see cref="Explanation"/> are: they are a stranger's (RFC 7208 §8.4). Null for our own.</summary>
    public string? ExplainedBy { get; init; }

    /// <summary>The mechanism that matched as its record has it, without the qualifier; null where none did.</summary>
    public string? Mechanism { get; init; }

    /// <summary>Questions to DNS.</summary>
    public int Lookups { get; init; }

    /// <summary>What was at fault, or what there was not; for the log.</summary>
    public string? Detail { get; init; }
}
