using Relay.Mail;

namespace Relay.Checks.Dmarc;

/// <summary>What the result of ARC has for DMARC, when the whole chain holds.</summary>
public interface IArcEvidence
{
    /// <summary>The hops that sealed the message, the first one first; empty unless the chain passed.</summary>
    IReadOnlyList<ArcHop> Hops { get; }
}

/// <summary>One hop of a chain that passed (RFC 8617 §4).</summary>
/// <param name="Sealer">The domain that sealed it, in A-labels.</param>
/// <param name="Selector">Which of its keys.</param>
/// <param name="Results">What it had found when the message came to it.</param>
public sealed record ArcHop(string Sealer, string Selector, IReadOnlyList<AuthenticationResult> Results);
