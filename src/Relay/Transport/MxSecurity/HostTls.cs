using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport.MxSecurity;

/// <summary>How TLS is to be with one mail host, or why it gets no mail.</summary>
/// <param name="Policy">Null where it gets none.</param>
/// <param name="Refusal">What becomes of the recipients when there is no other host; null where there is a policy.</param>
internal sealed record HostTls(TlsPolicy? Policy, RecipientOutcome? Refusal)
{
    /// <summary>
    /// RFC 8689 §4.2.1: the hosts' names must be proven by DNSSEC or MTA-STS before a certificate for them proves anything.
    /// </summary>
    internal static readonly RecipientOutcome UnprovenHost = new(OutcomeKind.Bounced, Reasons.TlsRequired, null,
        new(ReplyCode.MailboxUnavailable, 7, 10, "The message asks for REQUIRETLS, and the mail hosts that DNS names cannot be proven"));

    public static HostTls Of(TlsPolicy policy) => new(policy, null);

    /// <summary>
    /// The host's own records first, then the domain's policy, then what route and message ask for. Whoever asks for less never
    /// takes from one who asks for more.
    /// </summary>
    public static HostTls Decide(MxTlsQuestion question, string host, bool isMxSecure, DaneFinding dane, StsPolicy? sts)
    {
        if (dane.Trouble is { } trouble)
        {
            return Deferred(Reasons.DaneFailed, $"The TLSA records of {host} could not be had: {trouble}");
        }

        if (dane.Proof is { IsUsable: true } proof)
        {
            return Of(TlsPolicy.ByDane(proof));
        }

        if (sts is { Mode: StsMode.Enforce })
        {
            return sts.Matches(host)
                ? Of(TlsPolicy.ByMtaSts)
                : Deferred(Reasons.MtaStsFailed, $"The MTA-STS policy of {question.AsciiDomain} does not have the mail host {host}");
        }

        if (question.IsAskedByMessage)
        {
            return isMxSecure ? Of(TlsPolicy.Required) : new(null, UnprovenHost);
        }

        return Of(question.Asked.Mode != TlsMode.Required && dane.Proof is { } unusable ? TlsPolicy.ByDane(unusable) : question.Asked);
    }

    private static HostTls Deferred(string reason, string text) =>
        new(null, new(OutcomeKind.Deferred, reason, null, new(ReplyCode.LocalError, 7, 5, text)));
}
