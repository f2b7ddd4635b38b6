using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>
/// Asks a domain whether a client may use it (RFC 7208). Whatever the domain publishes, an evaluation ends after a bounded
/// number of questions, and no text grows beyond its limit.
/// </summary>
/// <param name="dns">DNS.</param>
/// <param name="receiver">Our own host name, for macros.</param>
/// <param name="time">The time, for macros.</param>
public sealed class SpfEvaluator(IDnsResolver dns, string receiver, TimeProvider time)
{
    /// <summary>What the domain of the identity says of the client. Never throws but for a cancellation.</summary>
    public ValueTask<SpfEvaluation> EvaluateAsync(SpfIdentity identity, CancellationToken cancel) =>
        new SpfHostCheck(identity, new SpfLookups(dns, cancel), receiver, time).RunAsync();
}
