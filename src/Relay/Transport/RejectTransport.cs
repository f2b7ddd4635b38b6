using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// The message is refused with the reply of the route, after it was accepted: at the door its size and header were not known yet. With
/// a reply of 4xx it waits, and may find another route when the configuration has changed, until it is too old.
/// </summary>
internal sealed class RejectTransport : ITransport
{
    /// <summary>Who is neither signed in nor in a trusted network may have forged the sender, who must not hear of it (RFC 5321 §6.2).</summary>
    public Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var reply = (request.Route.Reject ?? RejectRoute.Refused).Reply;
        var kind = reply.IsTemporary ? OutcomeKind.Deferred : OutcomeKind.Rejected;
        return Task.FromResult(DeliveryOutcome.ForAll(
            request.Recipients.Count,
            new RecipientOutcome(kind, Reasons.RejectedByRoute, null, reply) { IsSenderReal = request.Origin.IsMember }));
    }
}
