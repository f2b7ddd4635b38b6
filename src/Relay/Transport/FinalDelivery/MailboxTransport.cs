using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// Final delivery (RFC 5321 §4.4): each recipient gets a copy of its own in its mailbox. What goes wrong with files or blobs is ours and says
/// nothing of the recipient: the mail waits.
/// </summary>
internal sealed partial class MailboxTransport(
    string hostName, TimeProvider time, ILogger<MailboxTransport> log, Func<Uri, BlobContainerClient>? containers = null) : ITransport
{
    private static readonly RecipientOutcome Kept =
        new(OutcomeKind.Delivered, Reasons.DeliveredToMailbox, null, new(ReplyCode.Ok, 0, 0, "Kept in the mailbox"));

    private static readonly RecipientOutcome Loop = new(OutcomeKind.Bounced, Reasons.MailLoop, null,
        new(ReplyCode.TransactionFailed, 4, 6, "The message has been delivered to this recipient before"));

    private static readonly RecipientOutcome Unavailable = new(OutcomeKind.Deferred, Reasons.MailboxUnavailable, null,
        new(ReplyCode.InsufficientStorage, 2, 0, "The mailbox cannot be written now"));

    private readonly ConcurrentDictionary<Route, IMailboxStore> stores = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var header = await MessageHeader.ReadAsync(request.Content, cancel);
        var outcomes = new RecipientOutcome[request.Recipients.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = FinalContent.IsLoop(header, request.Recipients[i]) ? Loop : await KeepAsync(request, i, cancel);
        }

        return new DeliveryOutcome(outcomes);
    }

    private async Task<RecipientOutcome> KeepAsync(DeliveryRequest request, int i, CancellationToken cancel)
    {
        var recipient = request.Recipients[i];
        var place = MailboxPlace.Of(request.Route.Mailbox!.Path, recipient.Mailbox);
        try
        {
            await Store(request.Route).AddAsync(place, new MailboxMessage(
                request.Message, i < request.Indexes.Count ? request.Indexes[i] : i, request.Envelope.ReversePath, request.AcceptedAt,
                FinalContent.Head(request.Envelope.ReversePath, recipient), request.Content), cancel);
            return Kept with { Detail = $"250 2.0.0 Kept in {place}" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RequestFailedException or AuthenticationFailedException or AggregateException)
        {
            LogFailed(log, request.Message, place, e.Message);
            return Unavailable with { Detail = e.Message };
        }
    }

    private IMailboxStore Store(Route route) => stores.GetOrAdd(route, _ => route.Mailbox!.Format switch
    {
        MailboxFormat.Mbox => new Mbox(time),
        MailboxFormat.Blob => new BlobMailbox((containers ?? Open)(route.Mailbox.Container!), hostName),
        _ => new Maildir(hostName),
    });

    /// <summary>As whom this process can sign in: no key of a storage account is ever needed.</summary>
    private static BlobContainerClient Open(Uri container) => new(container, new DefaultAzureCredential());

    [LoggerMessage(EventIds.MailboxFailed, LogLevel.Error, "{MessageId} waits, the mailbox {Place} cannot be written: {Cause}")]
    private static partial void LogFailed(ILogger log, MessageId messageId, string place, string cause);
}
