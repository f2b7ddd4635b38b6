using Relay.Mail;
using Relay.Routing;
using Relay.Spool;

namespace Relay.Delivery;

/// <summary>The routes of one message for its recipients. Its header is read when the first route asks for it, and not otherwise.</summary>
internal sealed class MessageRoutes(StepParts parts, WorkItem work)
{
    private MessageHeader? header;

    /// <summary>The route of a recipient; null when none leads there.</summary>
    public async ValueTask<Route?> FindAsync(Mailbox recipient, CancellationToken cancel)
    {
        if (parts.Verp.TryRead(recipient, out _, out _))
        {
            // What comes back to a return-path of ours is read, wherever else mail to that domain may go.
            return ReturnedMail.Route;
        }

        if (parts.RouteBefore(work, recipient) is { } before)
        {
            return before;
        }

        var query = new RouteQuery(recipient)
        {
            Sender = work.Envelope.ReversePath,
            Account = work.Origin.Account,
            IsForwarded = work.Origin.ForwardedFor is not null,
            Size = work.Size,
            Header = header,
        };
        var choice = parts.Router.Find(query);
        return choice.IsSure
            ? choice.Route
            : parts.Router.Find(query with { Header = header = await ReadHeaderAsync(cancel) }).Route;
    }

    private async ValueTask<MessageHeader> ReadHeaderAsync(CancellationToken cancel)
    {
        await using var content = await parts.Spool.OpenContentAsync(work.Message, cancel)
            ?? throw new SpoolException(SpoolFault.Corrupt, "its content is gone");
        return await MessageHeader.ReadAsync(content, cancel);
    }
}
