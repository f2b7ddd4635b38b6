using Microsoft.Extensions.Logging;
using Relay.Dsn;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// Final delivery of what comes back to a return-path that names a message (<see cref="Forwarding.Verp"/>): a report is made
/// work of the message that it is about. All else, such as an automatic reply or a bounce in words alone, changes no status: it
/// is a line in that message's timeline and is kept to be read, up to a limit.
/// </summary>
internal sealed partial class ReturnedMail(StepParts parts) : ITransport
{
    /// <summary>Mails that are no reports and are kept, of one message: anybody may send them who has seen the return-path.</summary>
    internal const int MaxKept = 10;

    /// <summary>Octets of one that is kept.</summary>
    internal const int MaxKeptSize = 1024 * 1024;

    private static readonly SmtpReply Read = new(ReplyCode.Ok, 0, 0, "Report read");
    private static readonly SmtpReply Kept = new(ReplyCode.Ok, 0, 0, "No report, kept");
    private static readonly SmtpReply Dropped = new(ReplyCode.Ok, 0, 0, "No report, dropped");
    private readonly ILogger log = parts.Logs.CreateLogger<ReturnedMail>();

    /// <summary>Where our return-paths lead.</summary>
    public static Route Route { get; } = new() { Name = "bounces", Kind = RouteKind.Bounces, Recipients = [] };

    /// <summary>The route of queued work that is for return-paths of ours; null for other work.</summary>
    public Route? RouteOf(WorkItem work) =>
        work.Detail.Route == Route.Name && work.Recipients.All(r => parts.Verp.TryRead(r.Path.Mailbox, out _, out _)) ? Route : null;

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        // What is no bounce has a sender: a report has none, so that nobody reports on it (RFC 3464 §2).
        var reports = request.Envelope.ReversePath.IsNull
            ? await RemoteReportReader.ReadAsync(request.Content, request.AcceptedAt, cancel)
            : [];
        var outcomes = new List<RecipientOutcome>();
        foreach (var to in request.Recipients)
        {
            outcomes.Add(await TakeAsync(request, to.Mailbox, reports, cancel));
        }

        return new DeliveryOutcome(outcomes);
    }

    private async Task<RecipientOutcome> TakeAsync(
        DeliveryRequest request, Mailbox to, IReadOnlyList<RemoteReport> reports, CancellationToken cancel)
    {
        if (!parts.Verp.TryRead(to, out var about, out var recipient))
        {
            return Outcome(Reasons.Discarded, Dropped, $"{to} is no return-path of ours any more");
        }

        if (reports.Count == 0)
        {
            return await KeepAsync(request, about, recipient, cancel);
        }

        var isKnown = true;
        foreach (var report in recipient is null ? reports : [OfRecipient(reports, recipient)])
        {
            isKnown &= await parts.Spool.ReportAsync(about, report);
        }

        return Outcome(Reasons.ReportRead, Read, isKnown ? $"about {about}" : $"about {about}, which is no longer known");
    }

    private async Task<RecipientOutcome> KeepAsync(DeliveryRequest request, MessageId about, int? recipient, CancellationToken cancel)
    {
        var kept = (await parts.Spool.StatusAsync(about, cancel))?.Events?.Count(e => e.Reason == Reasons.NoReport);
        if (kept is null or >= MaxKept || request.Content.Length > MaxKeptSize)
        {
            return Outcome(Reasons.Discarded, Dropped, $"no report, and not kept: about {about}");
        }

        LogKept(request.Message, about);
        await parts.Spool.ReportAsync(about, NoReport(request, recipient));
        return Outcome(Reasons.NoReport, Kept, $"about {about}");
    }

    /// <summary>
    /// The return-path was made for one recipient, and so all is about it. Where a remote host has sent on to several addresses
    /// and says so of each, a failure counts most.
    /// </summary>
    private static RemoteReport OfRecipient(IReadOnlyList<RemoteReport> reports, int? recipient) =>
        (reports.FirstOrDefault(report => report.Action == DsnAction.Failed) ?? reports[0]) with { Recipient = recipient };

    private static RemoteReport NoReport(DeliveryRequest request, int? recipient) => new()
    {
        Action = null,
        Recipient = recipient,
        Reply = $"{request.Message} came back from <{request.Envelope.ReversePath}> and is no report",
        Source = RemoteReport.FromDsn,
        At = request.AcceptedAt,
    };

    private static RecipientOutcome Outcome(string reason, SmtpReply reply, string detail) =>
        new(OutcomeKind.Delivered, reason, null, reply) { Detail = detail };

    [LoggerMessage(EventIds.ReturnedMailKept, LogLevel.Information, "{MessageId} came back about {About} and is no report: kept")]
    private partial void LogKept(MessageId messageId, MessageId about);
}
