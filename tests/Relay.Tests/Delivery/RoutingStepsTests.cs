using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>How the first step finds a route, and what reject routes and fallbacks make of mail.</summary>
public sealed class RoutingStepsTests
{
    private static readonly Route Rest = new() { Name = "rest", Kind = RouteKind.Smarthost, Recipients = ["*"] };

    private static readonly Envelope ToOne = new()
    {
        ReversePath = new ReversePath(new Mailbox("app", "example.com")),
        Recipients = [new ForwardPath(new Mailbox("a", "example.net"))],
    };

    [Fact]
    public async Task Sender_size_and_header_of_the_stored_message_decide()
    {
        await using var relay = new StepHarness(
            Rest with { Name = "null", Senders = ["<>"] },
            Rest with { Name = "big", MinSize = 2000 },
            Rest with { Name = "tagged", Headers = [Pattern("X-Tag: yes")] },
            Rest);
        await relay.AcceptAsync("Subject: x\r\n\r\nbody\r\n", ReversePath.Null, "null@example.net");
        await relay.AcceptAsync("X-Tag: no\r\n\r\n" + new string('x', 2000), ToOne.ReversePath, "big@example.net");
        await relay.AcceptAsync("X-Tag:\r\n yes\r\n\r\nbody\r\n", ToOne.ReversePath, "tagged@example.net");
        await relay.AcceptAsync("X-Tag: no\r\n\r\nX-Tag: yes\r\n", ToOne.ReversePath, "rest@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(
            ["null@example.net", "big@example.net", "tagged@example.net", "rest@example.net"], relay.Attempts.Select(a => a.Recipients[0].ToString()));
        Assert.All(relay.Attempts, attempt => Assert.Equal(attempt.Recipients[0].Mailbox.LocalPart, attempt.Route.Name));
    }

    [Fact]
    public async Task Who_handed_it_in_decides()
    {
        await using var relay = new StepHarness(Rest with { Name = "apps", Accounts = ["app"] }, Rest);
        foreach (var account in new[] { "APP", null })
        {
            await using var message = relay.Intake.Begin(ToOne, new Origin { Protocol = "ESMTPSA", Account = account });
            Assert.NotNull((await message.CompleteAsync()).Accepted);
        }

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(["apps", "rest"], relay.Attempts.Select(a => a.Route.Name));
    }

    [Fact]
    public async Task A_hook_before_all_routes_can_name_another_for_some_recipients()
    {
        await using var relay = new StepHarness(Rest);
        relay.Steps = new Relay.Delivery.Steps(relay.PartsOf(relay.Options) with
        {
            RouteBefore = (_, recipient) => recipient.LocalPart == "alias" ? Route.Aliases : null,
        });
        var id = await relay.AcceptAsync("alias@example.net", "user@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(
            [("alias@example.net", "aliases"), ("user@example.net", "rest")],
            (await relay.StatusAsync(id)).Recipients.Select(r => (r.Address, r.Route!)));
    }

    [Fact]
    public async Task Mail_that_no_route_takes_by_its_size_waits()
    {
        await using var relay = new StepHarness(Rest with { MaxSize = 500 });
        var id = await relay.AcceptAsync(new string('x', 500), ToOne.ReversePath, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(relay.Attempts);
        var recipient = Assert.Single((await relay.StatusAsync(id)).Recipients);
        Assert.Equal((RecipientState.Deferred, Reasons.NoRoute), (recipient.State, recipient.Reason));
    }

    [Fact]
    public async Task What_a_reject_route_refuses_is_rejected_with_its_reply_and_the_sender_told()
    {
        await using var relay = new StepHarness(Reject(new SmtpReply(550, 7, 1, "Not here")), Rest);
        var id = await relay.AcceptAsync("X-Tag: yes\r\n\r\n", ToOne, isMember: true);

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Notify);

        var status = await relay.StatusAsync(id);
        var recipient = Assert.Single(status.Recipients);
        Assert.Equal(
            (RecipientState.Rejected, Reasons.RejectedByRoute, "550 5.7.1 Not here", "no-tags", 0),
            (recipient.State, recipient.Reason, recipient.Reply, recipient.Route, recipient.Attempts));
        Assert.Contains(status.Events!, e => e.Kind == StatusEvents.Notified);
        Assert.Empty(relay.Attempts);
    }

    [Fact]
    public async Task A_sender_that_a_stranger_may_have_forged_is_not_told()
    {
        await using var relay = new StepHarness(Reject(new SmtpReply(550, 7, 1, "Not here")), Rest);
        var id = await relay.AcceptAsync("X-Tag: yes\r\n\r\n", ToOne, isMember: false);

        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        Assert.Equal(RecipientState.Rejected, Assert.Single(status.Recipients).State);
        Assert.Contains(status.Events!, e => e.Kind == StatusEvents.NotNotified);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task A_reject_route_of_4xx_defers_until_the_mail_is_too_old()
    {
        await using var relay = new StepHarness(Reject(new SmtpReply(450, 7, 1, "Not now")), Rest);
        var id = await relay.AcceptAsync("X-Tag: yes\r\n\r\n", ToOne, isMember: true);

        await relay.RunAsync(WorkQueue.Accepted);

        var recipient = Assert.Single((await relay.StatusAsync(id)).Recipients);
        Assert.Equal((RecipientState.Deferred, Reasons.RejectedByRoute), (recipient.State, recipient.Reason));
        Assert.NotNull(recipient.NextAttemptAt);

        relay.Time.SetUtcNow(StepHarness.Start + relay.Options.Retry.MaxAge + TimeSpan.FromHours(1));
        await relay.RunAsync(WorkQueue.Delivery);

        recipient = Assert.Single((await relay.StatusAsync(id)).Recipients);
        Assert.Equal((RecipientState.Expired, Reasons.RetryTimeExceeded), (recipient.State, recipient.Reason));
    }

    [Fact]
    public async Task What_a_route_cannot_carry_goes_over_its_fallback_at_once()
    {
        await using var relay = new StepHarness(
            Rest with { Name = "first", Fallback = "second" }, Rest with { Name = "second", Recipients = [], Fallback = "third" }, Rest with { Name = "third" });
        relay.Outcome = _ => relay.Attempts[^1].Route.Name == "third" ? StepHarness.Ok : CannotCarry;
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal((RecipientState.Queued, 0), (r.State, r.Attempts)));
        Assert.Equal(
            [(0, "first", "to second: 550 5.6.1 Too strange"), (1, "first", "to second: 550 5.6.1 Too strange")],
            status.Events!.Where(e => e.Kind == StatusEvents.FellBack).Select(e => (e.Recipient!.Value, e.Route!, e.Detail!)));
        Assert.All(status.Events!.Where(e => e.Kind == StatusEvents.FellBack), e => Assert.Equal(Reasons.RouteCannotCarry, e.Reason));

        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(["first", "second", "third"], relay.Attempts.Select(a => a.Route.Name));
        Assert.All(relay.Attempts, a => Assert.Equal(2, a.Recipients.Count));
        status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal((RecipientState.Delivered, 1, "third"), (r.State, r.Attempts, r.Route)));
        Assert.Equal(StepHarness.Start, status.Recipients[0].UpdatedAt);
    }

    [Fact]
    public async Task Only_the_recipient_that_cannot_be_carried_falls_back()
    {
        await using var relay = new StepHarness(Rest with { Name = "first", Fallback = "second" }, Rest with { Name = "second", Recipients = [] });
        relay.Outcome = to => to.StartsWith('b') && relay.Attempts[^1].Route.Name == "first" ? CannotCarry : StepHarness.Ok;
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(["a@example.net b@example.net", "b@example.net"], relay.Attempts.Select(a => string.Join(' ', a.Recipients)));
        Assert.Equal(["first", "second"], (await relay.StatusAsync(id)).Recipients.Select(r => r.Route!));
    }

    [Fact]
    public async Task Without_a_fallback_what_cannot_be_carried_bounces()
    {
        await using var relay = new StepHarness(Rest);
        relay.Outcome = _ => CannotCarry;
        var id = await relay.AcceptAsync("a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal((RecipientState.Bounced, Reasons.RouteCannotCarry), (await relay.StatusAsync(id)).Recipients.Select(r => (r.State, r.Reason!)).Single());
    }

    private static RecipientOutcome CannotCarry { get; } =
        new(OutcomeKind.Bounced, Reasons.RouteCannotCarry, null, new SmtpReply(550, 6, 1, "Too strange")) { MayFallBack = true };

    /// <summary>The header is not known at the door: this one decides after acceptance.</summary>
    private static Route Reject(SmtpReply reply) => new()
    {
        Name = "no-tags",
        Kind = RouteKind.Reject,
        Recipients = ["*"],
        Headers = [Pattern("X-Tag: yes")],
        Reject = new RejectRoute(reply),
    };

    private static HeaderPattern Pattern(string text) => HeaderPattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException(text);
}
