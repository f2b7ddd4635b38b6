using Relay.Delivery;
using Relay.Mail;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;

namespace Relay.Tests.Delivery;

/// <summary>What becomes of recipients at about the same time is told in one DSN, and of each once, however the works interleave.</summary>
public sealed class JoinedNoticeTests
{
    [Fact]
    public async Task Recipients_that_fail_over_several_destinations_are_told_of_in_one()
    {
        await using var relay = new StepHarness { Outcome = to => to[0] == 'c' ? StepHarness.Ok : StepHarness.Bounce };
        var id = await relay.AcceptAsync("a@one.test", "b@two.test", "c@three.test", "d@four.test");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);
        Assert.Empty(await relay.NoticesAsync());

        relay.Time.Advance(Outcomes.JoinTime);
        var notice = Assert.Single(await relay.NoticesAsync());

        Assert.Equal(["rfc822; a@one.test failed", "rfc822; b@two.test failed", "rfc822; d@four.test failed"], notice.Recipients);
        Assert.Equal("Mon, 23 Nov 2026 12:00:00 +0000", notice.Fields[1]["Last-Attempt-Date"]);
        var status = await relay.StatusAsync(id);
        Assert.Equal([0, 1, 3], status.Events!.Where(e => e.Kind == StatusEvents.Notified).Select(e => e.Recipient!.Value));
        Assert.False(status.HasContent);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Fact]
    public async Task A_message_that_goes_one_way_is_told_of_at_once()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync("a@one.test", "b@one.test");

        await relay.RunAsync(WorkQueue.Accepted);

        Assert.Single(await relay.NoticesAsync());
    }

    [Fact]
    public async Task What_fails_later_is_told_by_itself()
    {
        await using var relay = new StepHarness { Outcome = to => to[0] == 'a' ? StepHarness.Bounce : StepHarness.Defer };
        await relay.AcceptAsync("a@one.test", "b@two.test");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);
        relay.Time.Advance(Outcomes.JoinTime);
        Assert.Equal(["rfc822; a@one.test failed"], Assert.Single(await relay.NoticesAsync()).Recipients);

        relay.Outcome = _ => StepHarness.Bounce;
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        await relay.RunAsync(WorkQueue.Delivery);
        relay.Time.Advance(Outcomes.JoinTime);

        Assert.Equal(
            ["rfc822; a@one.test failed", "rfc822; b@two.test failed"],
            (await relay.NoticesAsync()).Select(notice => Assert.Single(notice.Recipients)).Order());
    }

    [Fact]
    public async Task Of_a_recipient_that_is_delayed_and_then_fails_the_last_is_told()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Defer };
        await relay.AcceptAsync("a@one.test", "b@two.test");
        relay.Time.Advance(TimeSpan.FromDays(5) - TimeSpan.FromSeconds(1));
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        relay.Time.Advance(TimeSpan.FromSeconds(1));
        await relay.RunAsync(WorkQueue.Delivery);
        relay.Time.Advance(Outcomes.JoinTime);

        var notice = Assert.Single(await relay.NoticesAsync());
        Assert.Equal(["rfc822; a@one.test failed", "rfc822; b@two.test failed"], notice.Recipients);
    }

    [Fact]
    public async Task A_fallback_that_fails_too_is_told_of_with_what_had_failed_before_it()
    {
        await using var relay = new StepHarness(
            new Route { Name = "first", Kind = RouteKind.Smarthost, Recipients = ["*"], Fallback = "second" },
            new Route { Name = "second", Kind = RouteKind.Smarthost, Recipients = ["*"] })
        {
            Outcome = to => StepHarness.Bounce with { MayFallBack = to[0] == 'b' },
        };
        await relay.AcceptAsync("a@one.test", "b@two.test");
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);
        relay.Time.Advance(Outcomes.JoinTime);

        Assert.Equal(2, Assert.Single(await relay.NoticesAsync()).Recipients.Count());
    }

    [Fact]
    public async Task A_notice_does_not_grow_without_end()
    {
        await using var relay = new StepHarness { Outcome = _ => StepHarness.Bounce };
        await relay.AcceptAsync([.. Enumerable.Range(0, 1150).Select(n => $"u{n}@d{n % 23}.test")]);
        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);
        relay.Time.Advance(Outcomes.JoinTime);

        var notices = await relay.NoticesAsync();

        Assert.Equal([150, 1000], notices.Select(notice => notice.Recipients.Count()).Order());
        Assert.Equal(1150, notices.SelectMany(notice => notice.Recipients).Distinct().Count());
    }

    /// <summary>Several workers, of which any may stop between any two of its actions and do the work again.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task However_the_works_run_beside_each_other_each_recipient_is_told_of_once(int seed)
    {
        var random = new Random(seed);
        await using var relay = new StepHarness { Outcome = to => to[0] == 'z' ? StepHarness.Ok : StepHarness.Bounce };
        string[] recipients = ["a@one.test", "b@two.test", "c@three.test", "d@four.test", "z@five.test"];
        var id = await relay.AcceptAsync(recipients);
        await relay.RunAsync(WorkQueue.Accepted);
        List<Lease> leased = [];
        List<Transition> decided = [];
        var quiet = 0;
        while (quiet < 60)
        {
            quiet++;
            switch (random.Next(6))
            {
                case 0:
                    relay.Time.Advance(TimeSpan.FromSeconds(random.Next(6)));
                    break;
                case 1 when await LeaseAsync(relay, WorkQueue.Delivery) is { Count: > 0 } attempts:
                    await relay.Spool.CommitAsync(await relay.Steps.RunAsync(attempts[0], default));
                    quiet = 0;
                    break;
                case 2 when await LeaseAsync(relay, WorkQueue.Notify) is { Count: > 0 } notices:
                    leased.AddRange(notices);
                    quiet = 0;
                    break;
                case 3 when leased.Count > 0:
                    decided.Add(await relay.Steps.RunAsync(Take(leased, random), default));
                    quiet = 0;
                    break;
                case 4 when decided.Count > 0:
                    await relay.Spool.CommitAsync(Take(decided, random));
                    quiet = 0;
                    break;
                case 5 when decided.Count > 0 && random.Next(3) == 0:
                    // The process ends before its commit.
                    await relay.Spool.AbandonAsync(Take(decided, random).Follows);
                    quiet = 0;
                    break;
            }
        }

        Assert.Empty(leased);
        Assert.Empty(decided);
        var told = (await relay.NoticesAsync()).SelectMany(notice => notice.Recipients);
        Assert.Equal(recipients[..4].Select(to => $"rfc822; {to} failed"), told.Order());
        var status = await relay.StatusAsync(id);
        Assert.Equal([0, 1, 2, 3], status.Events!.Where(e => e.Kind == StatusEvents.Notified).Select(e => e.Recipient!.Value).Order());
        Assert.False(status.HasContent);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    private static async Task<IReadOnlyList<Lease>> LeaseAsync(StepHarness relay, WorkQueue queue)
    {
        using var cancel = new CancellationTokenSource();
        var waiting = relay.Spool.LeaseAsync(queue, 1, cancel.Token).AsTask();
        if (!waiting.IsCompleted)
        {
            await cancel.CancelAsync();
        }

        try
        {
            return await waiting;
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private static T Take<T>(List<T> from, Random random)
    {
        var at = random.Next(from.Count);
        var taken = from[at];
        from.RemoveAt(at);
        return taken;
    }
}
