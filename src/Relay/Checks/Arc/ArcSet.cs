using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>What one host on the way has added: three fields with the same instance (RFC 8617 §4.2).</summary>
/// <param name="Instance">1 for the first host that did so.</param>
/// <param name="Results">What it had found: its <c>ARC-Authentication-Results</c>.</param>
/// <param name="Signature">The message as it left that host: its <c>ARC-Message-Signature</c>.</param>
/// <param name="Seal">Its <c>ARC-Seal</c>, over all sets up to its own.</param>
internal sealed record ArcSet(int Instance, HeaderField Results, HeaderField Signature, ArcSeal Seal)
{
    /// <summary>The name of <see cref="Results"/>.</summary>
    public const string ResultsName = "ARC-Authentication-Results";

    /// <summary>The name of <see cref="Signature"/>.</summary>
    public const string SignatureName = "ARC-Message-Signature";

    /// <summary>The name of <see cref="Seal"/>.</summary>
    public const string SealName = "ARC-Seal";

    /// <summary>What stands behind the instance in <see cref="Results"/>.</summary>
    public string ResultsText
    {
        get
        {
            var value = Results.Value;
            return value[Math.Min(value.Length, AuthenticationStatement.Split(value)[0].Length + 1)..];
        }
    }
}
