using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Delivery.Destinations;
using Relay.Options;
using Relay.Replies;
using Relay.Status;
using Relay.Support;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Tests.Delivery.Destinations;

public sealed class DestinationSetTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly DestinationKey Example = new("mx", "example.net", IsDomain: true);
    private readonly FakeTimeProvider time = new(Start);
    private readonly RecordingLog<DestinationSet> log = new();
    private DestinationSet gates;

    public DestinationSetTests() => gates = Gates(new DestinationLimits());

    public void Dispose() => gates.Dispose();

    [Fact]
    public void A_destination_that_cannot_be_reached_is_backed_off_for_longer_and_longer()
    {
        List<double> delays = [];
        for (var i = 0; i < 8; i++)
        {
            Fail(Example);
            var refused = gates.Ask(Example, default);
            Assert.Null(refused.Ticket);
            Assert.Equal("451 4.4.1 no", refused.Trouble);
            delays.Add((refused.At - time.GetUtcNow()).TotalSeconds);
            time.Advance(refused.At - time.GetUtcNow());
        }

        Assert.Equal([30, 60, 120, 300, 600, 900, 900, 900], delays);
    }

    [Fact]
    public void One_probe_goes_when_the_time_has_come_and_its_success_lets_all_go()
    {
        Fail(Example);
        time.Advance(TimeSpan.FromSeconds(30));

        var probe = Go(Example);
        Assert.NotNull(gates.Ask(Example, default).Trouble);
        Assert.Equal(DestinationState.Probing, gates.List()[0].State);
        End(probe, Reached);

        Assert.NotNull(gates.Ask(Example, default).Ticket);
        Assert.Equal(DestinationState.Open, gates.List()[0].State);
        Assert.Equal([EventIds.DestinationBackedOff, EventIds.DestinationReached], log.Lines.Select(line => line.Event));
    }

    [Fact]
    public void A_probe_that_asked_nobody_tells_nothing()
    {
        Fail(Example);
        time.Advance(TimeSpan.FromSeconds(30));

        End(Go(Example), DeliveryOutcome.ForAll(1, StepHarness.Defer with { AskedNobody = true }));

        Assert.Equal([EventIds.DestinationBackedOff], log.Lines.Select(line => line.Event));
        End(Go(Example), Unreachable);
        Assert.NotNull(gates.Ask(Example, default).Trouble);
    }

    [Fact]
    public void A_probe_that_was_cut_off_makes_room_for_another()
    {
        Fail(Example);
        time.Advance(TimeSpan.FromSeconds(30));

        Go(Example).Dispose();

        Assert.NotNull(gates.Ask(Example, default).Ticket);
    }

    [Fact]
    public void Those_that_wait_for_the_probe_come_after_it_and_one_after_the_other()
    {
        Fail(Example);

        var times = Enumerable.Range(0, 100).Select(_ => gates.Ask(Example, default).At).ToArray();

        Assert.Equal(Start.AddSeconds(30), times[0]);
        Assert.All(times[1..], at => Assert.InRange(at, Start.AddSeconds(40), Start.AddSeconds(41)));
        Assert.Equal(100, times.Distinct().Count());
    }

    [Fact]
    public void What_is_old_comes_seldom_to_a_destination_that_is_backed_off()
    {
        Fail(Example);
        gates.Ask(Example, default);

        Assert.Equal(0.5, (gates.Ask(Example, new Applicant(TimeSpan.FromHours(4))).At - Start).TotalHours, 0.01);
        Assert.Equal(1, (gates.Ask(Example, new Applicant(TimeSpan.FromDays(4))).At - Start).TotalHours, 0.01);
    }

    [Fact]
    public void A_probe_that_hangs_is_not_asked_about_every_moment()
    {
        Fail(Example);
        time.Advance(TimeSpan.FromSeconds(30));
        using var probe = Go(Example);
        var asked = 0;
        while (time.GetUtcNow() < Start.AddMinutes(6))
        {
            asked++;
            time.Advance(gates.Ask(Example, default).At - time.GetUtcNow());
        }

        Assert.InRange(asked, 3, 10);
    }

    [Fact]
    public void A_destination_that_works_is_backed_off_only_when_it_fails_again_and_again()
    {
        Reach(Example);
        Fail(Example);
        Fail(Example);
        Reach(Example);
        Fail(Example);
        Fail(Example);
        Assert.Equal(DestinationState.Open, gates.List()[0].State);

        Fail(Example);

        Assert.Equal(DestinationState.BackedOff, gates.List()[0].State);
    }

    [Fact]
    public void Attempts_that_began_before_do_not_make_the_time_longer()
    {
        var first = Go(Example);
        var second = Go(Example);
        End(first, Unreachable);
        End(second, Unreachable);

        Assert.Equal(Start.AddSeconds(30), gates.Ask(Example, default).At);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.NotNull(gates.Ask(Example, default).Ticket);
    }

    [Fact]
    public void A_new_destination_gets_two_attempts_and_each_success_allows_one_more()
    {
        for (var allowed = 2; allowed < 25; allowed++)
        {
            var tickets = GoAll(Example);
            Assert.Equal(Math.Min(allowed, 20), tickets.Count);
            End(tickets[0], Reached);
            tickets[1..].ForEach(ticket => ticket.Dispose());
            time.Advance(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public void Who_finds_no_room_is_spread_over_the_time_that_the_others_need()
    {
        gates = Gates(new DestinationLimits { Concurrency = 4 });
        for (var i = 0; i < 60; i++)
        {
            var ticket = Go(Example);
            time.Advance(TimeSpan.FromSeconds(8));
            End(ticket, Reached);
        }

        GoAll(Example);
        var now = time.GetUtcNow();
        var times = Enumerable.Range(0, 21).Select(_ => (gates.Ask(Example, new Applicant(TimeSpan.FromHours(1))).At - now).TotalSeconds).ToArray();

        // Four attempts of eight seconds: a place comes free every two, and an eighth is left to those who find none.
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(2.25, pair.Second - pair.First, 0.1));
    }

    [Fact]
    public void At_a_destination_that_answers_at_once_the_line_moves_as_fast()
    {
        gates = Gates(new DestinationLimits { Concurrency = 4 });
        for (var i = 0; i < 60; i++)
        {
            var ticket = Go(Example);
            time.Advance(TimeSpan.FromMilliseconds(8));
            End(ticket, Reached);
        }

        GoAll(Example);
        var now = time.GetUtcNow();
        var times = Enumerable.Range(0, 21).Select(_ => (gates.Ask(Example, new Applicant(TimeSpan.FromHours(1))).At - now).TotalMilliseconds).ToArray();

        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(2.25, pair.Second - pair.First, 0.1));
        Assert.InRange(times[0], 100, 110);
    }

    [Fact]
    public void Slow_destinations_share_the_places_of_one_slow_lane()
    {
        // 4 places, so 60 in the slow lane.
        gates = Gates(new DestinationLimits(), concurrency: 4);
        var slow = Enumerable.Range(0, 10).Select(i => Example with { Host = $"slow{i}.example" }).ToArray();
        foreach (var key in slow)
        {
            for (var i = 0; i < 30; i++)
            {
                var ticket = Go(key);
                time.Advance(TimeSpan.FromSeconds(6));
                End(ticket, Reached);
            }
        }

        foreach (var key in slow)
        {
            Go(key);
        }

        Assert.Equal(60, slow.Length + slow.Sum(key => GoAll(key).Count));
        Assert.All(gates.List(), status => Assert.Equal(6, status.Limit));
        Reach(Example);
        Assert.Equal(3, GoAll(Example).Count);
    }

    [Fact]
    public void Nobody_polls_a_destination_that_hangs()
    {
        using var first = Go(Example);
        using var second = Go(Example);
        var asked = 0;
        while (time.GetUtcNow() < Start.AddMinutes(5))
        {
            asked++;
            time.Advance(gates.Ask(Example, new Applicant(time.GetUtcNow() - Start, HadTurn: true)).At - time.GetUtcNow());
        }

        Assert.InRange(asked, 5, 20);
    }

    [Fact]
    public void Who_comes_anew_leaves_half_of_the_room_to_those_who_were_put_off()
    {
        gates = Gates(new DestinationLimits { Concurrency = 4 });
        Reach(Example);
        Reach(Example);
        var tickets = GoAll(Example);
        tickets.ForEach(ticket => ticket.Dispose());

        Assert.Equal(2, Enumerable.Range(0, 10).Count(_ => gates.Ask(Example, default).Ticket is not null));
        Assert.Equal(2, Enumerable.Range(0, 10).Count(_ => gates.Ask(Example, new Applicant(default, HadTurn: true)).Ticket is not null));
    }

    [Fact]
    public void Work_that_comes_again_is_served_and_does_not_starve()
    {
        // A thousand works for a destination that takes two at a time, a second each, while new ones keep coming.
        gates = Gates(new DestinationLimits { Concurrency = 2 });
        var queue = new PriorityQueue<(int Number, bool HadTurn), DateTimeOffset>();
        var ends = new PriorityQueue<Ticket, DateTimeOffset>();
        var (asked, lastOfFirst) = (0, Start);
        for (var i = 0; i < 1000; i++)
        {
            queue.Enqueue((i, false), Start.AddSeconds(i * 0.4));
        }

        while (queue.TryDequeue(out var work, out var due))
        {
            while (ends.TryPeek(out var ended, out var at) && at <= due)
            {
                MoveTo(at);
                ends.Dequeue();
                End(ended, Reached);
            }

            MoveTo(due);
            asked++;
            var admission = gates.Ask(Example, new Applicant(time.GetUtcNow() - Start.AddSeconds(work.Number * 0.4), work.HadTurn));
            if (admission.Ticket is { } ticket)
            {
                ends.Enqueue(ticket, time.GetUtcNow().AddSeconds(1));
                lastOfFirst = work.Number < 100 ? time.GetUtcNow() : lastOfFirst;
            }
            else
            {
                Assert.True(admission.At > time.GetUtcNow());
                queue.Enqueue((work.Number, true), admission.At);
            }
        }

        // 500 s of work; the first hundred are not overtaken for ever, and each work asks a few times.
        Assert.InRange((time.GetUtcNow() - Start).TotalSeconds, 499, 600);
        Assert.InRange((lastOfFirst - Start).TotalSeconds, 0, 200);
        Assert.InRange(asked, 1000, 5000);

        void MoveTo(DateTimeOffset at)
        {
            if (at > time.GetUtcNow())
            {
                time.Advance(at - time.GetUtcNow());
            }
        }
    }

    [Fact]
    public void A_rate_is_kept_evenly()
    {
        gates = Gates(new DestinationLimits { Rate = new Rate(60, TimeSpan.FromMinutes(1)) });
        var gone = 0;
        for (var end = Start.AddMinutes(5); time.GetUtcNow() < end;)
        {
            var admission = gates.Ask(Example, new Applicant(TimeSpan.FromHours(1), HadTurn: true));
            if (admission.Ticket is { } ticket)
            {
                gone++;
                End(ticket, Reached);
                continue;
            }

            time.Advance(admission.At - time.GetUtcNow());
        }

        Assert.InRange(gone, 149, 301);
        Assert.True(gone <= 301, $"{gone} in five minutes");
    }

    [Fact]
    public void A_destination_has_the_limits_of_the_first_pattern_that_it_matches()
    {
        gates = Gates(new DestinationLimits(), some:
        [
            new DestinationOptions { Domain = "*.example.net", Concurrency = 1 },
            new DestinationOptions { Domain = "example.net", Rate = new Rate(1, TimeSpan.FromHours(1)) },
        ]);

        Assert.Single(GoAll(Example with { Host = "mail.example.net" }));
        Assert.Single(GoAll(Example));
        Assert.Equal(2, GoAll(Example with { Host = "badexample.net" }).Count);
    }

    [Fact]
    public void Reset_lets_a_domain_and_all_that_serve_several_go_at_once()
    {
        var (other, smarthost) = (Example with { Host = "example.org" }, new DestinationKey("out", "smtp.example.com"));
        Fail(Example);
        Fail(other);
        Fail(smarthost);

        gates.Reset("EXAMPLE.net");

        Assert.NotNull(gates.Ask(Example, default).Ticket);
        Assert.NotNull(gates.Ask(smarthost, default).Ticket);
        Assert.Null(gates.Ask(other, default).Ticket);
        gates.Reset();
        Assert.NotNull(gates.Ask(other, default).Ticket);
    }

    [Fact]
    public void What_is_idle_is_forgotten_and_the_number_is_bounded()
    {
        Fail(Example);
        time.Advance(TimeSpan.FromHours(2));
        Reach(Example with { Host = "example.org" });
        Assert.Equal(1, gates.Count);

        for (var i = 0; i < DestinationSet.MaxDestinations + 100; i++)
        {
            Reach(Example with { Host = $"d{i}.example" });
        }

        Assert.Equal(DestinationSet.MaxDestinations, gates.Count);
    }

    private static DeliveryOutcome Reached => DeliveryOutcome.ForAll(1, StepHarness.Defer);

    private static DeliveryOutcome Unreachable => DeliveryOutcome.ForAll(1,
        new(OutcomeKind.Deferred, Reasons.ConnectFailed, null, new SmtpReply(451, 4, 1, "no"))) with
    { IsUnreachable = true };

    private DestinationSet Gates(DestinationLimits limits, int concurrency = 32, DestinationOptions[]? some = null) => new(
        new RelayOptions
        {
            HostName = "",
            Data = "",
            Delivery = new DeliveryOptions { Destination = limits, Concurrency = concurrency },
            Destinations = some ?? [],
        }, time, log);

    private Ticket Go(DestinationKey key) => gates.Ask(key, new Applicant(default, HadTurn: true)).Ticket!;

    private List<Ticket> GoAll(DestinationKey key)
    {
        List<Ticket> tickets = [];
        while (gates.Ask(key, new Applicant(default, HadTurn: true)).Ticket is { } ticket)
        {
            tickets.Add(ticket);
        }

        return tickets;
    }

    private void Reach(DestinationKey key) => End(Go(key), Reached);

    private void Fail(DestinationKey key) => End(Go(key), Unreachable);

    private static void End(Ticket ticket, DeliveryOutcome outcome)
    {
        ticket.Tell(outcome);
        ticket.Dispose();
    }
}
