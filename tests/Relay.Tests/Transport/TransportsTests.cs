using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Transport;

public sealed class TransportsTests
{
    [Theory]
    [InlineData(RouteKind.Capture, Reasons.Captured)]
    [InlineData(RouteKind.Discard, Reasons.Discarded)]
    public async Task What_stays_here_is_delivered_and_says_how(RouteKind kind, string reason)
    {
        await using var sending = new Sending();

        var outcome = await sending.Transports.For(kind).DeliverAsync(new DeliveryRequest
        {
            Message = MessageId.New(TimeProvider.System.GetUtcNow()),
            Envelope = new Envelope
            {
                ReversePath = ReversePath.Null,
                Recipients = [new(new("a", "example.com")), new(new("b", "example.com"))],
            },
            Route = new Route { Name = "here", Kind = kind, Recipients = ["*"] },
            Content = Stream.Null,
        }, default);

        Assert.Equal(2, outcome.Recipients.Count);
        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, reason, 250, "2.0.0"));
        Assert.All(outcome.Recipients, r => Assert.Null(r.RemoteHost));
    }

    [Fact]
    public async Task Every_kind_of_route_that_needs_no_more_than_the_network_has_a_transport()
    {
        await using var sending = new Sending();

        Assert.All([RouteKind.Capture, RouteKind.Discard, RouteKind.Reject, RouteKind.Mx, RouteKind.Smarthost], kind => Assert.NotNull(sending.Transports.For(kind)));
    }
}
