using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>The result of ARC, with the chain: DMARC may believe those who sealed it.</summary>
/// <param name="Chain">What it came to.</param>
public sealed record ArcCheckResult(ArcChain Chain) : CheckResult(CheckName.Arc);

/// <summary>
/// ARC (RFC 8617): whether the chain of those who forwarded a message holds. It asks for nothing by itself: a chain that has
/// failed is as good as none.
/// </summary>
public sealed class ArcCheck(IDnsResolver dns, TimeProvider time) : ICheck
{
    private readonly ArcVerifier verifier = new(dns, time);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Arc;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject is not { Header: { } header, Content: { } content })
        {
            return new CheckResult(Name);
        }

        var chain = await verifier.VerifyAsync(header, content, cancel);
        return new ArcCheckResult(chain)
        {
            Reason = chain.Status switch
            {
                ArcStatus.Fail => CheckReasons.ArcFailed,
                ArcStatus.TempError => CheckReasons.NoAnswer,
                _ => null,
            },
            Detail = chain.Cause,
            Lookups = chain.Lookups,
            Authentication = [new AuthenticationResult("arc", chain.Status.Word()) { Comment = chain.Cause, Properties = PropertiesOf(chain, subject) }],
        };
    }

    /// <summary>RFC 8617 §6. The address is told without a chain too: the next one begins with it.</summary>
    private static (string, string)[] PropertiesOf(ArcChain chain, CheckSubject subject) =>
    [
        .. chain.Status == ArcStatus.Pass ? [("header.oldest-pass", $"{chain.OldestPass}")] : Array.Empty<(string, string)>(),
        .. subject.ClientAddress is { } address ? [("smtp.remote-ip", $"{address}")] : Array.Empty<(string, string)>(),
    ];
}
