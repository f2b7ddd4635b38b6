using Relay.Delivery;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Support;
using Relay.Tests.Delivery;

namespace Relay.Tests.Transport.Acs;

/// <summary>The whole way of a message over an acs route: through the steps and a real spool, to the stub of the service.</summary>
public sealed class AcsStepsTests
{
    private const string Mail = "From: app@example.com\r\nTo: a@example.net\r\nSubject: s\r\n\r\ntext\r\n";
    private static readonly ReversePath Sender = new(new Mailbox("app", "example.com"));

    [Fact]
    public async Task A_message_is_submitted_looked_at_and_ends_when_no_report_comes()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs);
        var id = await relay.AcceptAsync(Mail, Sender, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Queued, Reasons.Submitted, 1), (recipient.State, recipient.Reason, recipient.Attempts));
        acs.Stub.SetAll("Succeeded");
        await AdvanceAsync(acs, relay, TimeSpan.FromSeconds(30));
        await AdvanceAsync(acs, relay, TimeSpan.FromMinutes(1));
        await AdvanceAsync(acs, relay, TimeSpan.FromHours(24));

        var status = await relay.StatusAsync(id);
        Assert.Equal((RecipientState.Delivered, Reasons.Unreported, 1), (status.Recipients[0].State, status.Recipients[0].Reason, status.Recipients[0].Attempts));
        Assert.False(status.HasContent);
        Assert.Equal(["accepted", "queued", "queued", "delivered"], status.Events!.Select(e => e.Kind));
        Assert.Equal(["POST", "GET"], acs.Stub.Calls.Select(c => c.Split(' ')[0]));
    }

    [Fact]
    public async Task Who_has_ended_by_a_report_is_not_asked_for_again()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs);
        var id = await relay.AcceptAsync(Mail, Sender, "a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        relay.Time.Advance(TimeSpan.FromSeconds(30));
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Delivery, 10, default));
        await relay.Spool.CommitAsync(new Transition
        {
            Follows = lease,
            At = relay.Time.GetUtcNow(),
            Recipients = [new RecipientChange(0, new RecipientStatus { Address = "a@example.net", State = RecipientState.Delivered, Reason = Reasons.Delivered })],
            Next = [new NextWork(WorkQueue.Delivery, lease.Work.Detail, relay.Time.GetUtcNow())],
        });
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Single(acs.Stub.Calls);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Delivery));
        var status = await relay.StatusAsync(id);
        Assert.Equal((RecipientState.Delivered, Reasons.Delivered, false), (status.Recipients[0].State, status.Recipients[0].Reason, status.HasContent));
    }

    [Fact]
    public async Task A_cut_connection_and_the_retry_make_one_mail()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs);
        acs.Stub.AfterSend = AcsStub.Cut;
        var id = await relay.AcceptAsync(Mail, Sender, "a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        Assert.All((await relay.StatusAsync(id)).Recipients, r => Assert.Equal((RecipientState.Deferred, Reasons.ConnectionLost), (r.State, r.Reason)));
        acs.Stub.AfterSend = _ => Task.FromResult(false);
        await AdvanceAsync(acs, relay, TimeSpan.FromMinutes(1));

        Assert.All((await relay.StatusAsync(id)).Recipients, r => Assert.Equal((RecipientState.Queued, Reasons.Submitted), (r.State, r.Reason)));
        Assert.Equal(["a@example.net", "b@example.net"], Assert.Single(acs.Stub.Mails).Everybody);
    }

    [Fact]
    public async Task What_the_route_cannot_carry_goes_to_its_fallback()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs, fallback: "mx");
        var id = await relay.AcceptAsync("From: a@example.com, b@example.com\r\n\r\ntext\r\n", Sender, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal("mx", Assert.Single(relay.Attempts).Route.Name);
        Assert.Contains((await relay.StatusAsync(id)).Events!, e => e.Kind == StatusEvents.FellBack && e.Detail!.Contains("several authors"));
        Assert.Empty(acs.Stub.Calls);
    }

    [Fact]
    public async Task What_nothing_can_carry_bounces_with_the_reason()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs);
        var id = await relay.AcceptAsync("From: a@example.com, b@example.com\r\n\r\ntext\r\n", Sender, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Bounced, Reasons.RouteCannotCarry), (recipient.State, recipient.Reason));
        Assert.Contains("several authors", recipient.Reply);
    }

    [Fact]
    public async Task Mail_that_a_service_took_is_not_sent_over_another_route_when_its_own_is_gone()
    {
        await using var acs = await AcsHarness.StartAsync();
        await using var relay = RelayOver(acs);
        var id = await relay.AcceptAsync(Mail, Sender, "a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        relay.Steps = relay.NewSteps(relay.Options with { Routes = [new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"] }] });
        await AdvanceAsync(acs, relay, TimeSpan.FromSeconds(30));

        Assert.Empty(relay.Attempts);
        Assert.Equal((RecipientState.Delivered, Reasons.Unreported), (await relay.StatusAsync(id)).Recipients[0] is var r ? (r.State, r.Reason) : default);
    }

    [Fact]
    public async Task A_message_is_found_by_its_operation()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync(Mail, Sender, "a@example.net");
        await relay.AcceptAsync(Mail, Sender, "a@example.net");
        Assert.True(Relay.Transport.Acs.AcsOperation.TryCandidates(
            Relay.Transport.Acs.AcsOperation.Of(id, 150, 2).ToString(), out var range));

        Assert.Equal(id, await relay.Spool.FindAsync(range.Value.First, range.Value.Last, default));
        Assert.Null(await relay.Spool.FindAsync(MessageId.New(StepHarness.Start), new MessageId(Guid.Empty), default));
    }

    private static async Task AdvanceAsync(AcsHarness acs, StepHarness relay, TimeSpan time)
    {
        acs.Time.Advance(time);
        relay.Time.Advance(time);
        await relay.RunAsync(WorkQueue.Delivery);
    }

    private static StepHarness RelayOver(AcsHarness acs, string? fallback = null)
    {
        var mx = new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["nobody.test"] };
        var route = new Route { Name = "acs", Kind = RouteKind.Acs, Recipients = ["*"], Acs = acs.Acs, Fallback = fallback };
        var relay = new StepHarness(route, mx);
        relay.Steps = new Steps(relay.PartsOf(relay.Options) with { Transports = kind => kind == RouteKind.Acs ? acs.Transport : relay });
        return relay;
    }
}
