using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>The message is dropped, and recorded as such.</summary>
internal sealed class DiscardTransport : ITransport
{
    private static readonly RecipientOutcome Discarded =
        new(OutcomeKind.Delivered, Reasons.Discarded, null, new(ReplyCode.Ok, 0, 0, "Discarded"));

    /// <inheritdoc/>
    public Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel) =>
        Task.FromResult(DeliveryOutcome.ForAll(request.Recipients.Count, Discarded));
}
