using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>The sender is told once of mail that waits for long (RFC 3461 §4.1, RFC 3464 §2.3.3).</summary>
public sealed class DelayTests
{
    private static readonly RecipientOutcome BackedOff =
        new(OutcomeKind.Deferred, Reasons.DestinationBackedOff, null, new SmtpReply(451, 4, 1, "Backed off")) { IsAttempt = false };

    [Fact]
    public async Task The_first_deferral_past_the_age_is_told_and_no_other()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        var id = await relay.AcceptAsync("a@example.net", "b@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        await RunToTheEndAsync(relay, id);

        // Attempts are made after 1, 6, 21, 51, 111 and 231 minutes; that after 471 is the first past 4 hours.
        var notices = (await relay.NoticesAsync()).OrderBy(n => n.Message.Date).ToList();
        Assert.Equal(2, notices.Count);
        Assert.Equal(["rfc822; a@example.net delayed", "rfc822; b@example.net delayed"], notices[0].Recipients);
        Assert.Equal(["rfc822; a@example.net failed", "rfc822; b@example.net failed"], notices[1].Recipients);
        var fields = notices[0].Fields[1];
        Assert.Equal("4.3.0", fields["Status"]);
        Assert.Equal("Mon, 23 Nov 2026 19:51:00 +0000", fields["Last-Attempt-Date"]);
        Assert.Equal("Sat, 28 Nov 2026 12:00:00 +0000", fields["Will-Retry-Until"]);
        Assert.Equal("smtp; 451 4.3.0 Later", fields["Diagnostic-Code"]);
        Assert.Equal("Your message is delayed", notices[0].Message.Subject);
        var words = notices[0].Message.TextBody;
        Assert.Contains("has not been delivered yet", words);
        Assert.Contains("until Sat, 28 Nov 2026 12:00:00 +0000. You need not send it again.", words);
        Assert.DoesNotContain("Nothing more", words);
        Assert.False(notices[1].Fields[1].Contains("Will-Retry-Until"));
    }

    [Theory]
    [InlineData(DsnNotify.None, true)]
    [InlineData(DsnNotify.Delay, true)]
    [InlineData(DsnNotify.Delay | DsnNotify.Failure, true)]
    [InlineData(DsnNotify.Failure, false)]
    [InlineData(DsnNotify.Success | DsnNotify.Failure, false)]
    [InlineData(DsnNotify.Never, false)]
    public async Task Who_asked_for_other_things_only_is_not_told(DsnNotify notify, bool told)
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        await relay.AcceptAsync("Subject: x\r\n\r\n", new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("app", "example.com")),
            Recipients = [new ForwardPath(new Mailbox("a", "example.net")) { Notify = notify }],
        });
        relay.Time.Advance(TimeSpan.FromHours(4));

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Equal(told ? 1 : 0, (await relay.PeekAsync(WorkQueue.Notify)).Count);
    }

    [Fact]
    public async Task One_second_before_the_age_nothing_is_told()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        await relay.AcceptAsync("a@example.net");
        relay.Time.Advance(TimeSpan.FromHours(4) - TimeSpan.FromSeconds(1));

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task An_age_of_zero_is_never()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        relay.Steps = relay.NewSteps(relay.Options with { Retry = relay.Options.Retry with { DelayNotice = TimeSpan.Zero } });
        var id = await relay.AcceptAsync("a@example.net");
        await relay.RunAsync(WorkQueue.Accepted);

        await RunToTheEndAsync(relay, id);

        Assert.Equal(["rfc822; a@example.net failed"], (await relay.NoticesAsync()).SelectMany(n => n.Recipients));
    }

    [Fact]
    public async Task Nobody_is_told_of_the_delay_of_mail_from_the_null_reverse_path_or_from_a_sender_who_may_be_forged()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        await relay.AcceptAsync("Subject: dsn\r\n\r\n", ReversePath.Null, "a@example.net");
        relay.Time.Advance(TimeSpan.FromHours(5));
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));

        relay.Outcome = _ => StepHarness.Defer with { IsSenderReal = false };
        await relay.AcceptAsync("a@example.net");
        relay.Time.Advance(TimeSpan.FromHours(5));
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task Once_told_it_stays_told_through_fallback_new_routes_and_destinations_that_are_backed_off()
    {
        await using var relay = new StepHarness(
            new Route { Name = "first", Kind = RouteKind.Mx, Recipients = ["*"], Fallback = "second" },
            new Route { Name = "second", Kind = RouteKind.Mx, Recipients = ["other.test"] });
        await relay.AcceptAsync("a@example.net");
        relay.Time.Advance(TimeSpan.FromHours(4));

        // Told where nobody was asked: that the destination is backed off is a delay too.
        relay.Outcome = _ => BackedOff with { RetryAt = relay.Time.GetUtcNow().AddMinutes(10) };
        await relay.RunAsync(WorkQueue.Accepted);
        Assert.Equal(["rfc822; a@example.net delayed"], (await relay.NoticesAsync()).SelectMany(n => n.Recipients));

        foreach (var outcome in new[]
        {
            BackedOff,
            BackedOff with { IsQuiet = true },
            StepHarness.Defer with { MayFallBack = true },
            StepHarness.Defer,
        })
        {
            relay.Outcome = _ => outcome;
            await NextAsync(relay);
        }

        // The route has gone: the first step does it again.
        var without = relay.Options with { Routes = [new Route { Name = "third", Kind = RouteKind.Mx, Recipients = ["*"] }] };
        relay.Steps = relay.NewSteps(without);
        await NextAsync(relay);
        var again = Assert.Single(await relay.Spool.LeaseAsync(WorkQueue.Accepted, 10, default), l => l.Work.Detail.DelayReported);
        await relay.Spool.CommitAsync(await relay.Steps.RunAsync(again, default));
        await NextAsync(relay);
        Assert.NotNull(relay.Steps.Failed(again));

        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
        Assert.Equal(["first", "first", "first", "first", "second", "third", "third"], relay.Attempts.Select(a => a.Route.Name));
    }

    private static async Task NextAsync(StepHarness relay)
    {
        relay.Time.Advance(TimeSpan.FromHours(4));
        await relay.RunAsync(WorkQueue.Delivery);
    }

    private static async Task RunToTheEndAsync(StepHarness relay, MessageId id)
    {
        while ((await relay.StatusAsync(id)).Recipients[0] is { State: RecipientState.Deferred, NextAttemptAt: { } next })
        {
            relay.Time.Advance(next - relay.Time.GetUtcNow());
            await relay.RunAsync(WorkQueue.Delivery);
        }
    }
}
