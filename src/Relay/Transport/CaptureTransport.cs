using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>Nothing leaves the machine: the message is done, and whoever commits that keeps its content in the spool.</summary>
internal sealed class CaptureTransport : ITransport
{
    private static readonly RecipientOutcome Captured =
        new(OutcomeKind.Delivered, Reasons.Captured, null, new(ReplyCode.Ok, 0, 0, "Captured"));

    /// <inheritdoc/>
    public Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel) =>
        Task.FromResult(DeliveryOutcome.ForAll(request.Recipients.Count, Captured));
}
