using Relay.Dns;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks.Spf;

/// <summary>
/// SPF at MAIL. The MAIL FROM identity decides; the HELO identity is looked at too, and its fail refuses as well
/// (RFC 7208 §2.3): a host that its own name disowns is nobody's mail server. Anything less than a fail of HELO says nothing.
/// </summary>
/// <param name="dns">DNS.</param>
/// <param name="hostName">Our own host name.</param>
/// <param name="time">The time, for macros.</param>
/// <param name="patience">For the HELO identity: it is the client's to choose, and must not use up the time of the other.</param>
public sealed class SpfCheck(IDnsResolver dns, string hostName, TimeProvider time, TimeSpan patience) : ICheck
{
    /// <summary>Characters of the text of a reply: with the codes and the line end they fit RFC 5321 §4.5.3.1.5.</summary>
    private const int MaxReplyText = 490;

    private const string MailFrom = "smtp.mailfrom";
    private const string Helo = "smtp.helo";
    private readonly SpfEvaluator evaluator = new(dns, hostName, time);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Spf;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Mail;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        var helo = subject.Helo ?? "";
        var path = subject.ReversePath ?? ReversePath.Null;
        if (subject.ClientAddress is not { } client)
        {
            return Unknown(path.Mailbox?.Domain ?? helo);
        }

        var sender = SpfIdentity.MailFrom(client, helo, path);
        var host = SpfIdentity.OfHelo(client, helo);
        var asked = evaluator.EvaluateAsync(sender, cancel);
        // The null reverse-path is the HELO identity already.
        var ofHost = path.IsNull ? null : await OfHostAsync(host, cancel);
        var ofSender = await asked;
        return Judge(ofSender, sender.Domain, ofHost ?? ofSender, host.Domain) with
        {
            Authentication = [Result(ofSender, MailFrom, sender.Domain), Result(ofHost ?? ofSender, Helo, host.Domain)],
            Fields = ofHost is null
                ? [Field(ofSender, sender, "mailfrom", path)]
                : [Field(ofSender, sender, "mailfrom", path), Field(ofHost, host, "helo", path)],
            Lookups = ofSender.Lookups + (ofHost?.Lookups ?? 0),
        };
    }

    private Task<SpfEvaluation> OfHostAsync(SpfIdentity host, CancellationToken cancel) => Patience.WithinAsync(
        patience, time, token => evaluator.EvaluateAsync(host, token).AsTask(),
        () => new(SpfResult.TempError) { Detail = $"no answer within {patience.TotalSeconds} s" }, cancel);

    private static CheckResult Judge(SpfEvaluation ofSender, string sender, SpfEvaluation ofHost, string host) =>
        (ofSender.Result, ofHost.Result) switch
        {
            (SpfResult.Fail, _) => Refuse(CheckReasons.SpfFail, ofSender, sender),
            (_, SpfResult.Fail) => Refuse(CheckReasons.SpfHeloFail, ofHost, host),
            (SpfResult.SoftFail, _) => Ask(CheckAction.Tag, CheckReasons.SpfSoftFail, ofSender, sender),
            (SpfResult.PermError, _) => Ask(CheckAction.Tag, CheckReasons.SpfPermError, ofSender, sender),
            (SpfResult.TempError, _) => Ask(CheckAction.None, CheckReasons.NoAnswer, ofSender, sender),
            _ => new CheckResult(CheckName.Spf) { Detail = ofSender.Detail },
        };

    private static CheckResult Ask(CheckAction action, string reason, SpfEvaluation found, string domain) => new(CheckName.Spf)
    {
        Action = action,
        Reason = reason,
        Detail = found.Detail ?? $"{domain}: {found.Mechanism}",
    };

    /// <summary>The reply says whose words the explanation is (RFC 7208 §8.4); the code is that of RFC 7372 §3.2.</summary>
    private static CheckResult Refuse(string reason, SpfEvaluation found, string domain)
    {
        var text = found.ExplainedBy is { } stranger ? $"{stranger} explained: {found.Explanation}" : $"SPF: {found.Explanation}";
        return Ask(CheckAction.Reject, reason, found, domain) with
        {
            Refusal = new SmtpReply(ReplyCode.MailboxUnavailable, 7, 23, text.Length > MaxReplyText ? text[..MaxReplyText] : text),
        };
    }

    private static AuthenticationResult Result(SpfEvaluation found, string property, string domain) => new("spf", found.Result.Word())
    {
        Comment = found.Result is SpfResult.TempError or SpfResult.PermError ? found.Detail : null,
        Properties = [(property, domain)],
    };

    private string Field(SpfEvaluation found, SpfIdentity identity, string word, ReversePath path) => ReceivedSpf.Write(
        found.Result,
        Comment(found.Result),
        ("receiver", hostName),
        ("client-ip", identity.Client.ToString()),
        ("envelope-from", path.ToString()),
        ("helo", identity.Helo),
        ("identity", word),
        ("mechanism", found.Result is SpfResult.Pass or SpfResult.Fail or SpfResult.SoftFail or SpfResult.Neutral ? found.Mechanism ?? "default" : null),
        ("problem", found.Result is SpfResult.TempError or SpfResult.PermError ? found.Detail : null));

    private static string Comment(SpfResult result) => result switch
    {
        SpfResult.None => "the domain has no record",
        SpfResult.Neutral => "the domain says nothing of the client",
        SpfResult.Pass => "the domain designates the client as a sender",
        SpfResult.Fail => "the domain does not designate the client as a sender",
        SpfResult.SoftFail => "the domain probably does not designate the client as a sender",
        SpfResult.TempError => "DNS gave no answer",
        _ => "the record of the domain is at fault",
    };

    /// <summary>Behind a proxy that hides the client nobody can be vouched for, nor be refused.</summary>
    private static CheckResult Unknown(string domain) => new(CheckName.Spf)
    {
        Authentication = [new AuthenticationResult("spf", SpfResult.None.Word())
        {
            Comment = "client address unknown",
            Properties = [(MailFrom, domain)],
        }],
    };
}
