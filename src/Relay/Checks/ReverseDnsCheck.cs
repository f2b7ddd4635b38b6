using System.Net;
using Relay.Dns;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks;

/// <summary>Whether DNS has a name for the client's address that leads back to it.</summary>
internal sealed class ReverseDnsCheck(IDnsResolver dns) : ICheck
{
    /// <summary>RFC 7372 §3.3.</summary>
    private static readonly SmtpReply Refusal =
        new(ReplyCode.MailboxUnavailable, 7, 25, "DNS has no name for the client address that leads back to it");

    /// <inheritdoc/>
    public CheckName Name => CheckName.ReverseDns;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Mail;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject.ClientAddress is not { } address)
        {
            return new CheckResult(Name);
        }

        var iprev = await Iprev.OfAsync(address, dns, cancel);
        var result = new CheckResult(Name)
        {
            Detail = iprev.Detail,
            Authentication = [InHeader(iprev, address)],
            Lookups = iprev.Lookups,
        };
        return iprev.Result switch
        {
            IprevResult.Pass => result,
            IprevResult.TempError => result with { Reason = CheckReasons.NoAnswer },
            IprevResult.PermError => Refused(result, CheckReasons.NoReverseDns),
            _ => Refused(result, CheckReasons.ReverseDnsUnconfirmed),
        };
    }

    private static CheckResult Refused(CheckResult result, string reason) =>
        result with { Action = CheckAction.Reject, Reason = reason, Refusal = Refusal };

    private static AuthenticationResult InHeader(Iprev iprev, IPAddress address) =>
        new("iprev", iprev.Result.ToString().ToLowerInvariant())
        {
            Comment = iprev.Name,
            Properties = [("policy.iprev", address.ToString())],
        };
}
