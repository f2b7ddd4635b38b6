using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

public sealed class StepsTests
{
    [Fact]
    public async Task A_message_with_one_destination_is_tried_at_once()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync("a@example.net", "b@EXAMPLE.net");

        await relay.RunAsync(WorkQueue.Accepted);

        var attempt = Assert.Single(relay.Attempts);
        Assert.Equal(["a@example.net", "b@EXAMPLE.net"], attempt.Recipients.Select(r => r.ToString()));
        var status = await relay.StatusAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal((RecipientState.Delivered, 1, "mx"), (r.State, r.Attempts, r.Route)));
        Assert.False(status.HasContent);
    }

    [Fact]
    public async Task Each_destination_gets_work_of_its_own()
    {
        await using var relay = new StepHarness();
        await relay.AcceptAsync("a@one.test", "b@two.test", "c@one.test");

        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Empty(relay.Attempts);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(
            ["a@one.test c@one.test", "b@two.test"],
            relay.Attempts.Select(a => string.Join(' ', a.Recipients)).Order());
    }

    [Fact]
    public async Task A_smarthost_takes_all_domains_in_one_attempt()
    {
        await using var relay = new StepHarness(new Route { Name = "hub", Kind = RouteKind.Smarthost, Recipients = ["*"] });
        await relay.AcceptAsync("a@one.test", "b@two.test");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(2, Assert.Single(relay.Attempts).Recipients.Count);
    }

    [Fact]
    public async Task No_attempt_has_more_than_a_hundred_recipients()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync([.. Enumerable.Range(0, 250).Select(n => $"u{n}@example.net")]);

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal([50, 100, 100], relay.Attempts.Select(a => a.Recipients.Count).Order());
        Assert.All((await relay.StatusAsync(id)).Recipients, r => Assert.Equal(RecipientState.Delivered, r.State));
    }

    [Fact]
    public async Task Only_the_deferred_recipient_is_tried_again_and_in_its_time()
    {
        await using var relay = new StepHarness { Outcome = to => to.StartsWith('b') ? StepHarness.Defer : StepHarness.Ok };
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        var deferred = (await relay.StatusAsync(id)).Recipients[1];
        Assert.Equal((RecipientState.Deferred, StepHarness.Start.AddMinutes(1)), (deferred.State, deferred.NextAttemptAt));
        Assert.Equal("451 4.3.0 Later", deferred.Reply);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Delivery));

        relay.Time.Advance(TimeSpan.FromMinutes(1));
        relay.Outcome = _ => StepHarness.Ok;
        await relay.RunAsync(WorkQueue.Delivery);

        Assert.Equal(["b@example.net"], relay.Attempts[1].Recipients.Select(r => r.ToString()));
        var status = await relay.StatusAsync(id);
        Assert.Equal((RecipientState.Delivered, 2), (status.Recipients[1].State, status.Recipients[1].Attempts));
        Assert.Null(status.Recipients[1].NextAttemptAt);
        Assert.Equal(["accepted", "delivered", "deferred", "delivered"], status.Events!.Select(e => e.Kind));
        Assert.False(status.HasContent);
    }

    [Fact]
    public async Task Mail_that_is_deferred_for_too_long_expires_and_its_sender_is_told()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        var id = await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        while ((await relay.StatusAsync(id)).Recipients[0] is { State: RecipientState.Deferred, NextAttemptAt: { } next })
        {
            relay.Time.Advance(next - relay.Time.GetUtcNow());
            await relay.RunAsync(WorkQueue.Delivery);
        }

        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Expired, Reasons.RetryTimeExceeded), (recipient.State, recipient.Reason));
        Assert.Equal(StepHarness.Start.AddDays(5), relay.Time.GetUtcNow());
        Assert.Equal("4.4.7", Assert.Single((await relay.PeekAsync(WorkQueue.Notify))[^1].Work.Detail.Reports!).Status);
    }

    [Fact]
    public async Task A_bounce_becomes_a_dsn_to_the_sender()
    {
        await using var relay = new StepHarness { Outcome = to => to.StartsWith('a') ? StepHarness.Bounce : StepHarness.Ok };
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        await relay.RunAsync(WorkQueue.Notify);

        var status = await relay.StatusAsync(id);
        Assert.Equal(["accepted", "bounced", "delivered", "notified"], status.Events!.Select(e => e.Kind));
        Assert.False(status.HasContent);
        var dsn = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;
        Assert.True(dsn.Envelope.ReversePath.IsNull);
        Assert.Equal(["app@example.com"], dsn.Envelope.Recipients.Select(r => r.ToString()));
        using var text = new StreamReader((await relay.Spool.OpenContentAsync(dsn.Message, default))!);
        var content = await text.ReadToEndAsync();
        Assert.Contains("Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n", content);
        Assert.DoesNotContain("b@example.net", content);
        Assert.Contains("Subject: test", content);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_notification_that_runs_twice_sends_one_dsn(int recipients)
    {
        var longWinded = StepHarness.Bounce with { Reply = new SmtpReply(550, 1, 1, new string('x', 1000)) };
        await using var relay = new StepHarness { Outcome = _ => longWinded };
        await relay.AcceptAsync([.. Enumerable.Range(0, recipients).Select(n => $"u{n}@example.net")]);
        await relay.RunAsync(WorkQueue.Accepted);
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Notify, 1, default));

        await relay.Steps.RunAsync(lease, default);
        relay.Time.Advance(TimeSpan.FromSeconds(5));
        await relay.Spool.CommitAsync(await relay.Steps.RunAsync(lease, default));

        Assert.Single(await relay.PeekAsync(WorkQueue.Accepted));
    }

    [Fact]
    public async Task Nobody_is_told_of_a_bounce_of_mail_from_the_null_reverse_path()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        var id = await relay.AcceptAsync("Subject: dsn\r\n\r\n", ReversePath.Null, "a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Equal(["accepted", "bounced", "not-notified"], (await relay.StatusAsync(id)).Events!.Select(e => e.Kind));
    }

    [Fact]
    public async Task Captured_mail_keeps_its_content()
    {
        await using var relay = new StepHarness
        {
            Outcome = _ => StepHarness.Ok with { Reason = Reasons.Captured },
        };
        var id = await relay.AcceptAsync("a@example.net");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.True((await relay.StatusAsync(id)).HasContent);
    }

    [Fact]
    public async Task A_recipient_whose_route_is_gone_waits_for_one_and_the_others_are_delivered()
    {
        await using var relay = new StepHarness(new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["example.net"] });
        var id = await relay.AcceptAsync("a@example.net", "b@elsewhere.test");

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        var status = await relay.StatusAsync(id);
        Assert.Equal([RecipientState.Delivered, RecipientState.Deferred], status.Recipients.Select(r => r.State));
        Assert.Equal(Reasons.NoRoute, status.Recipients[1].Reason);

        relay.Time.Advance(TimeSpan.FromMinutes(1));
        relay.Steps = relay.NewSteps(relay.Options with { Routes = [new Route { Name = "mx", Kind = RouteKind.Mx, Recipients = ["*"] }] });
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[1].State);
    }

    [Fact]
    public async Task Deferred_mail_whose_route_is_gone_is_routed_anew()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        var id = await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        relay.Steps = relay.NewSteps(relay.Options with
        {
            Routes = [new Route { Name = "other", Kind = RouteKind.Smarthost, Recipients = ["*"] }],
        });
        relay.Outcome = _ => StepHarness.Ok;

        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);

        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Delivered, "other", 2), (recipient.State, recipient.Route, recipient.Attempts));
    }

    [Fact]
    public async Task A_fault_of_our_own_defers_and_never_bounces()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync("a@example.net");
        var lease = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 1, default));

        await relay.Spool.CommitAsync(relay.Steps.Failed(lease)!);

        var recipient = (await relay.StatusAsync(id)).Recipients[0];
        Assert.Equal((RecipientState.Deferred, Reasons.InternalError), (recipient.State, recipient.Reason));
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        await relay.RunAsync(WorkQueue.Delivery);
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[0].State);
    }

    [Fact]
    public async Task A_remote_reply_cannot_forge_the_fields_of_a_dsn()
    {
        await using var relay = new StepHarness
        {
            Outcome = _ => StepHarness.Bounce with { Reply = new SmtpReply(550, 7, 1, "no\r\nAction: delivered\r\n\r\n--=_x\r\n") },
        };
        await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Notify);

        var dsn = Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work;
        using var text = new StreamReader((await relay.Spool.OpenContentAsync(dsn.Message, default))!);
        Assert.DoesNotContain("\nAction: delivered", await text.ReadToEndAsync());
    }

    [Fact]
    public async Task A_message_that_went_in_a_circle_is_refused_at_the_door()
    {
        await using var relay = new StepHarness();
        var circle = string.Concat(Enumerable.Repeat("Received: from x by relay.test (Relay) with ESMTP id 1;\r\n\tMon, 23 Nov 2026 12:00:00 +0000\r\n", 6));

        var e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => relay.AcceptAsync(circle + "\r\nbody\r\n", ReversePath.Null, "a@example.net"));

        Assert.Contains("554 5.4.6", e.Message);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Accepted));
    }
}
