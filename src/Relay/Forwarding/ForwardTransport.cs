using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Signing;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Forwarding;

/// <summary>
/// Sends mail on to other addresses (RFC 5321 §3.9.1): a message of its own for each recipient, through the intake, with the same
/// octets behind a <c>Received:</c> field of its own. Its id follows from the message, the recipient and the targets, so that a step which
/// runs twice sends it on once. Nothing is checked again: whoever handed it in is told as of the message before.
/// </summary>
public sealed partial class ForwardTransport : ITransport
{
    private const int BlockSize = 16 * 1024;

    private readonly Intake intake;
    private readonly Expansion expansion;
    private readonly Srs srs;
    private readonly OurDomains ours;
    private readonly string hostName;
    private readonly ILogger log;

    /// <summary>Over one intake and one configuration.</summary>
    public ForwardTransport(
        Intake intake, Expansion expansion, Srs srs, RelayOptions options, IAddressBook book, ILogger<ForwardTransport> log)
    {
        this.intake = intake;
        this.expansion = expansion;
        this.srs = srs;
        this.log = log;
        hostName = options.HostName;
        ours = new OurDomains(options, book);
    }

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var isReal = await IsSenderRealAsync(request, cancel);
        request = request with { Origin = request.Origin with { SenderMayBeForged = !isReal } };
        var outcomes = new RecipientOutcome[request.Recipients.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = await ForwardAsync(request, request.Recipients[i], request.Indexes[i], cancel) with { IsSenderReal = isReal };
        }

        return new DeliveryOutcome(outcomes);
    }

    /// <summary>As for what a check refuses: a member's is, and a stranger's where our own SPF check has passed for it (RFC 5321 §6.2).</summary>
    private async ValueTask<bool> IsSenderRealAsync(DeliveryRequest request, CancellationToken cancel)
    {
        if (request.Origin.IsMember || request.Envelope.ReversePath.IsNull || request.Origin.ForwardedFor is not null)
        {
            return !request.Origin.SenderMayBeForged;
        }

        request.Content.Position = 0;
        return OwnResults.Read(await MessageHeader.ReadAsync(request.Content, cancel), hostName)?.HasSpfPassed == true;
    }

    private async Task<RecipientOutcome> ForwardAsync(DeliveryRequest request, ForwardPath recipient, int index, CancellationToken cancel)
    {
        var expanded = request.Route.Forward is { } route
            ? expansion.Expand(recipient.Mailbox, route)
            : expansion.Expand(recipient.Mailbox) ?? new Expanded([recipient.Mailbox]);
        if (expanded.Fault is { } fault)
        {
            return new RecipientOutcome(OutcomeKind.Bounced, fault.Reason, null, fault.Reply);
        }

        List<MessageId> children = [];
        foreach (var envelope in ForwardedEnvelopes.Of(request.Envelope, recipient, expanded.Targets, ReversePathFor))
        {
            // Of the targets: an alias may have changed since a run that was cut off, and whom it names now must not be missed.
            var id = MessageId.Derive(request.Message, $"forward/{index}/{string.Join(',', envelope.Recipients)}", request.AcceptedAt);
            if (await SendAsync(request, recipient.Mailbox, envelope, id, cancel) is { } refusal)
            {
                return refusal;
            }

            children.Add(id);
        }

        return new RecipientOutcome(
            OutcomeKind.Delivered, Reasons.Forwarded, null, new SmtpReply(ReplyCode.Ok, 1, 5, $"Sent on as {string.Join(" and ", children)}"))
        {
            // Of a single target the wish for a report goes with the message (RFC 3461 §5.2.7.2).
            DsnHandedOn = expanded.Targets.Count == 1,
        };
    }

    /// <summary>Null when it was accepted, now or at an earlier run.</summary>
    private async Task<RecipientOutcome?> SendAsync(
        DeliveryRequest request, Mailbox alias, Envelope envelope, MessageId id, CancellationToken cancel)
    {
        await using var message = intake.Begin(envelope, request.Origin with { ForwardedFor = alias.ToString() }, id);
        request.Content.Position = 0;
        int read;
        while ((read = await request.Content.ReadAsync(message.GetMemory(BlockSize)[..BlockSize], cancel)) > 0)
        {
            message.Advance(read);
            await message.FlushAsync(cancel);
        }

        var result = await message.CompleteAsync();
        if (result.Accepted is null)
        {
            return result.Reply.IsPermanent
                ? new RecipientOutcome(OutcomeKind.Bounced, Reasons.MailLoop, null, result.Reply)
                : new RecipientOutcome(OutcomeKind.Deferred, Reasons.InternalError, null, result.Reply);
        }

        LogForwarded(request.Message, alias, id, envelope.Recipients.Count, envelope.ReversePath);
        return null;
    }

    /// <summary>
    /// What a target is sent to as. A sender of ours stands, and so does everybody where the mail stays here; elsewhere SPF of the
    /// sender's domain would speak against us. Where the sender's address leaves no room it stands too: DKIM may still speak for it.
    /// </summary>
    private ReversePath ReversePathFor(ReversePath sender, Mailbox target) =>
        sender.Mailbox is not { } mailbox || ours.Contain(mailbox) || ours.Contain(target) || srs.Rewrite(mailbox) is not { } rewritten
            ? sender
            : new ReversePath(rewritten);

    [LoggerMessage(EventIds.Forwarded, LogLevel.Information,
        "{MessageId} forwarded: of=<{Recipient}> as {ForwardedId} nrcpt={Recipients} from=<{Sender}>")]
    private partial void LogForwarded(MessageId messageId, Mailbox recipient, MessageId forwardedId, int recipients, ReversePath sender);
}
