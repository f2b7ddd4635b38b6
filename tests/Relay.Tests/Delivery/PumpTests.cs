using Microsoft.Extensions.Logging.Abstractions;
using Relay.Delivery;
using Relay.Options;
using Relay.Status;

namespace Relay.Tests.Delivery;

public sealed class PumpTests
{
    [Fact]
    public async Task Mail_is_delivered_as_it_comes_in()
    {
        await using var relay = new StepHarness();
        await using var pump = Start(relay);

        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => relay.AcceptAsync($"u{n}@example.net")));

        foreach (var id in ids)
        {
            Assert.Equal(RecipientState.Delivered, await FinalAsync(relay, id));
        }

        Assert.Equal(100, relay.Attempts.Count);
    }

    [Fact]
    public async Task A_step_that_throws_defers_its_message_and_the_others_go_on()
    {
        await using var relay = new StepHarness
        {
            Outcome = to => to.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidOperationException("a bug") : StepHarness.Ok,
        };
        await using var pump = Start(relay);

        var bad = await relay.AcceptAsync("bad@example.net");
        var good = await relay.AcceptAsync("good@example.net");

        Assert.Equal(RecipientState.Delivered, await FinalAsync(relay, good));
        await UntilAsync(async () => (await relay.StatusAsync(bad)).Recipients[0].State != RecipientState.Queued);
        Assert.Equal(Reasons.InternalError, (await relay.StatusAsync(bad)).Recipients[0].Reason);
    }

    [Fact]
    public async Task A_message_whose_content_is_gone_is_set_aside()
    {
        await using var relay = new StepHarness();
        var id = await relay.AcceptAsync("a@example.net");
        await relay.Spool.RunForTestAsync(writes => writes.DeleteContent(1));

        await using var pump = Start(relay);

        await UntilAsync(async () => (await relay.StatusAsync(id)).Events!.Count > 1);
        Assert.Equal(StatusEvents.SetAside, (await relay.StatusAsync(id)).Events![^1].Kind);
        Assert.Empty(relay.Attempts);
    }

    [Fact]
    public async Task A_drain_waits_for_the_attempt_in_flight()
    {
        using var mayEnd = new SemaphoreSlim(0);
        using var began = new SemaphoreSlim(0);
        await using var relay = new StepHarness
        {
            Outcome = _ =>
            {
                began.Release();
                mayEnd.Wait();
                return StepHarness.Ok;
            },
        };
        await using var pump = Start(relay);
        var id = await relay.AcceptAsync("a@example.net");
        await began.WaitAsync();

        var draining = pump.DrainAsync(TimeSpan.FromHours(1));
        var later = await relay.AcceptAsync("b@example.net");
        Assert.False(draining.IsCompleted);
        mayEnd.Release(10);
        await draining;

        Assert.Equal(RecipientState.Delivered, (await relay.StatusAsync(id)).Recipients[0].State);
        Assert.Equal(RecipientState.Queued, (await relay.StatusAsync(later)).Recipients[0].State);
        Assert.Single(await relay.PeekAsync(Relay.Spool.WorkQueue.Accepted));
    }

    [Fact]
    public async Task Hosts_that_hang_do_not_hold_up_those_that_do_not()
    {
        using var mayEnd = new SemaphoreSlim(0);
        var hanging = 0;
        await using var relay = new StepHarness
        {
            Outcome = to =>
            {
                if (to.EndsWith("@dead.example", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref hanging);
                    mayEnd.Wait();
                }

                return StepHarness.Ok;
            },
        };
        await using var pump = Start(relay, new DeliveryOptions { Concurrency = 3 });
        for (var i = 0; i < 3; i++)
        {
            await relay.AcceptAsync("a@dead.example");
        }

        await UntilAsync(() => Task.FromResult(Volatile.Read(ref hanging) == 3));
        var live = await relay.AcceptAsync("a@live.example");
        Assert.Equal(RecipientState.Queued, (await relay.StatusAsync(live)).Recipients[0].State);
        relay.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(RecipientState.Delivered, await FinalAsync(relay, live));
        mayEnd.Release(3);
    }

    private static Pump Start(StepHarness relay, DeliveryOptions? options = null)
    {
        var pump = new Pump(relay.Spool, relay.Steps, options ?? new DeliveryOptions(), relay.Time, NullLogger<Pump>.Instance);
        pump.Start();
        return pump;
    }

    private static async Task<RecipientState> FinalAsync(StepHarness relay, Relay.Mail.MessageId id)
    {
        await UntilAsync(async () => (await relay.StatusAsync(id)).Recipients[0].State.IsFinal());
        return (await relay.StatusAsync(id)).Recipients[0].State;
    }

    /// <summary>The state is what the pump's commits make it: asking again is the only signal there is.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
        }
    }
}
