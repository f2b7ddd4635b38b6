using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>The message is dropped, and recorded as such with the words of the route.</summary>
internal sealed class DiscardTransport : ITransport
{
    /// <inheritdoc/>
    public Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel) =>
        Task.FromResult(DeliveryOutcome.ForAll(
            request.Recipients.Count,
            new RecipientOutcome(OutcomeKind.Delivered, Reasons.Discarded, null, (request.Route.Reject ?? RejectRoute.Discarded).Reply)));
}
