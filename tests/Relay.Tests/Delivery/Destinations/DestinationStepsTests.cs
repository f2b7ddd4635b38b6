using Microsoft.Extensions.Logging.Abstractions;
using Relay.Delivery;
using Relay.Delivery.Destinations;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery.Destinations;

/// <summary>What becomes of mail whose destination is backed off or full.</summary>
public sealed class DestinationStepsTests : IAsyncDisposable
{
    private static readonly RecipientOutcome Refused = new(OutcomeKind.Deferred, Reasons.ConnectFailed, null, new SmtpReply(451, 4, 1, "refused"));
    private readonly StepHarness relay = new();
    private readonly DestinationSet gates;

    public DestinationStepsTests()
    {
        var options = relay.Options with { Delivery = new DeliveryOptions { Destination = new DestinationLimits { Concurrency = 1 } } };
        gates = new DestinationSet(options, relay.Time, NullLogger<DestinationSet>.Instance);
        relay.Steps = new Steps(relay.PartsOf(options) with { Destinations = gates });
        relay.Outcome = _ => Refused;
        relay.IsUnreachable = true;
    }

    public async ValueTask DisposeAsync()
    {
        gates.Dispose();
        await relay.DisposeAsync();
    }

    [Fact]
    public async Task Mail_for_a_destination_that_failed_is_deferred_untried_until_the_destination_is_tried_again()
    {
        await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        var id = await relay.AcceptAsync("b@example.net", "c@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Single(relay.Attempts);
        var recipient = (await relay.StatusAsync(id)).Recipients[1];
        Assert.Equal((RecipientState.Deferred, Reasons.DestinationBackedOff, 0), (recipient.State, recipient.Reason, recipient.Attempts));
        Assert.Equal(StepHarness.Start.AddSeconds(30), recipient.NextAttemptAt);
        Assert.Equal("451 4.4.1 example.net is backed off: 451 4.4.1 refused", recipient.Reply);
    }

    [Fact]
    public async Task What_a_service_has_stays_submitted_while_its_route_is_backed_off()
    {
        var options = relay.Options with { Routes = [new Route { Name = "azure", Kind = RouteKind.Acs, Recipients = ["*"] }] };
        relay.Steps = new Steps(relay.PartsOf(options) with { Destinations = gates });
        relay.IsUnreachable = false;
        var operation = new PendingOperation("op", StepHarness.Start);
        relay.Outcome = _ => new RecipientOutcome(OutcomeKind.Submitted, Reasons.Submitted, null, StepHarness.Ok.Reply)
        {
            Operation = operation,
            RetryAt = StepHarness.Start.AddSeconds(30),
        };
        var id = await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        (relay.Outcome, relay.IsUnreachable) = (_ => Refused, true);
        for (var i = 0; i < 3; i++)
        {
            await relay.AcceptAsync("b@example.net");
            await relay.RunAsync(WorkQueue.Accepted);
        }

        relay.Time.Advance(TimeSpan.FromSeconds(29.9));
        relay.Time.Advance(TimeSpan.FromSeconds(0.1));
        using (gates.Ask(new DestinationKey("azure", ""), default).Ticket)
        {
            await relay.RunAsync(WorkQueue.Delivery);
        }

        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Queued, Reasons.Submitted), (recipient.State, recipient.Reason));
        relay.Time.Advance(TimeSpan.FromHours(2));
        Assert.Contains(await relay.PeekAsync(WorkQueue.Delivery), lease => lease.Work.Message == id && lease.Work.Detail.Operation == operation);
    }

    [Fact]
    public async Task What_was_held_past_the_age_of_mail_waits_for_room_and_is_tried_when_it_is_released()
    {
        (relay.Outcome, relay.IsUnreachable) = (_ => StepHarness.Ok, false);
        var id = await relay.AcceptAsync("a@example.net");
        await relay.Spool.ControlAsync(QueueAction.Hold, new QueueSelection { Message = id }, default);
        relay.Time.Advance(TimeSpan.FromDays(10));
        await relay.Spool.ControlAsync(QueueAction.Release, new QueueSelection { Message = id }, default);

        using (gates.Ask(new DestinationKey("mx", "example.net", IsDomain: true), default).Ticket)
        {
            await relay.RunAsync(WorkQueue.Accepted);
        }

        relay.Time.Advance(TimeSpan.FromHours(1));
        await relay.RunAllAsync(WorkQueue.Delivery);
        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task Other_destinations_go_on()
    {
        await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        (relay.Outcome, relay.IsUnreachable) = (_ => StepHarness.Ok, false);

        var id = await relay.AcceptAsync("a@example.org");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task Waiting_again_for_the_same_makes_no_new_line_in_the_timeline()
    {
        await relay.AcceptAsync("a@example.net");
        var id = await relay.AcceptAsync("b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.AcceptAsync("c@example.net");
        var events = (await relay.StatusAsync(id)).Events!.Count;

        for (var i = 0; i < 20; i++)
        {
            // The probes are made by others of these three, now and then by this one.
            relay.Time.Advance(TimeSpan.FromMinutes(20));
            await RunDueAsync();
        }

        var status = await relay.StatusAsync(id);
        Assert.True(status.Events!.Count <= events + (2 * status.Recipients[0].Attempts), $"{status.Events.Count} lines, {status.Recipients[0].Attempts} attempts");
    }

    [Fact]
    public async Task Mail_for_a_destination_that_stays_down_expires_in_time_though_it_was_never_tried()
    {
        var first = await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        var second = await relay.AcceptAsync("b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        while (relay.Time.GetUtcNow() <= StepHarness.Start + relay.Options.Retry.MaxAge)
        {
            relay.Time.Advance(TimeSpan.FromMinutes(30));
            await RunDueAsync();
        }

        foreach (var id in new[] { first, second })
        {
            var recipient = (await relay.StatusAsync(id)).Recipients[0];
            Assert.Equal((RecipientState.Expired, Reasons.RetryTimeExceeded), (recipient.State, recipient.Reason));
        }
    }

    [Fact]
    public async Task Work_for_a_full_destination_comes_again_and_its_status_stays()
    {
        using var taken = gates.Ask(new DestinationKey("mx", "example.net", IsDomain: true), default).Ticket!;

        var id = await relay.AcceptAsync("a@example.net", "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Attempts);
        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, recipient => Assert.Equal((RecipientState.Queued, null), (recipient.State, recipient.Reason)));
        Assert.Single(status.Events!);

        taken.Dispose();
        (relay.Outcome, relay.IsUnreachable) = (_ => StepHarness.Ok, false);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        await relay.RunAsync(WorkQueue.Delivery);
        Assert.All((await relay.StatusAsync(id)).Recipients, recipient => Assert.Equal(RecipientState.Delivered, recipient.State));
    }

    [Fact]
    public async Task What_leaves_over_no_network_asks_no_gate()
    {
        var options = relay.Options with { Routes = [new Route { Name = "keep", Kind = RouteKind.Capture, Recipients = ["*"] }] };
        relay.Steps = new Steps(relay.PartsOf(options) with { Destinations = gates });
        for (var i = 0; i < 5; i++)
        {
            await relay.AcceptAsync("a@example.net");
            await relay.RunAsync(WorkQueue.Accepted);
        }

        Assert.Equal(5, relay.Attempts.Count);
        Assert.Empty(gates.List());
    }

    /// <summary>Nothing may be due, and then the spool would wait.</summary>
    private async Task RunDueAsync()
    {
        if ((await relay.PeekAsync(WorkQueue.Delivery)).Count > 0)
        {
            await relay.RunAsync(WorkQueue.Delivery);
        }
    }
}
