using Relay.Dns;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks.Dkim;

/// <summary>
/// DKIM (RFC 6376). A message without a signature, and one with a signature that holds, are never refused; a message of which no
/// signature holds may be. <c>docs/checks.md</c> says what each result means.
/// </summary>
/// <param name="patience">For one key: a signer whose DNS is slow must not keep others from being judged.</param>
public sealed class DkimCheck(IDnsResolver dns, TimeProvider time, TimeSpan patience) : ICheck
{
    private readonly DkimVerifier verifier = new(dns, time, patience);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Dkim;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject is not { Header: { } header, Content: { } content })
        {
            return new CheckResult(Name);
        }

        var report = await verifier.VerifyAsync(header, content, cancel);
        var results = report.Results;
        if (results.Count == 0)
        {
            return new CheckResult(Name) { Authentication = [new AuthenticationResult("dkim", "none")] };
        }

        var found = new CheckResult(Name)
        {
            Lookups = report.Lookups,
            Detail = Detail(report),
            Authentication = [.. results.Select(result => result.ToAuthentication())],
        };
        return Judge(found, results);
    }

    /// <summary>A domain that only tries DKIM wants to be treated as if it did not sign (RFC 6376 §3.6.1).</summary>
    private static CheckResult Judge(CheckResult found, IReadOnlyList<DkimResult> results)
    {
        if (results.Any(result => result.Outcome == DkimOutcome.Pass))
        {
            return found;
        }

        if (results.Any(result => result.Outcome == DkimOutcome.TempError))
        {
            return found with { Reason = CheckReasons.NoAnswer };
        }

        if (results.All(result => result.IsTest))
        {
            return found;
        }

        // RFC 7372 §3.1: none is right; or one is, and none is good enough.
        return results.Any(result => result.IsRight)
            ? found with
            {
                Action = CheckAction.Reject,
                Reason = CheckReasons.DkimUnacceptable,
                Refusal = new SmtpReply(ReplyCode.MailboxUnavailable, 7, 21, "No acceptable DKIM signature found"),
            }
            : found with
            {
                Action = CheckAction.Reject,
                Reason = CheckReasons.DkimFailed,
                Refusal = new SmtpReply(ReplyCode.MailboxUnavailable, 7, 20, "No passing DKIM signature found"),
            };
    }

    private static string Detail(DkimReport report)
    {
        var all = string.Join("; ", report.Results);
        return report.Ignored == 0 ? all : $"{all}; {report.Ignored} more signatures were not looked at";
    }
}
