using Microsoft.Extensions.Time.Testing;

namespace Relay.Support;

/// <summary>
/// A clock that a test moves, and which tells when a timer was set to a given time: then whoever set it waits, and moving the
/// clock cannot come too early.
/// </summary>
public sealed class TimerWatch : TimeProvider
{
    private readonly FakeTimeProvider fake = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly Lock gate = new();
    private readonly List<Waiting> waiting = [];

    public override DateTimeOffset GetUtcNow() => fake.GetUtcNow();

    public override long GetTimestamp() => fake.GetTimestamp();

    public override long TimestampFrequency => fake.TimestampFrequency;

    /// <summary>Moves the clock; timers that are due fire before this returns.</summary>
    public void Advance(TimeSpan by) => fake.Advance(by);

    /// <summary>Sets the clock; timers fire after as much time as before, so that what comes again and again does not come a thousand times.</summary>
    public void Jump(TimeSpan by) => fake.AdjustTime(fake.GetUtcNow() + by);

    /// <summary>
    /// Ends when a timer is next set to fire after <paramref name="dueTime"/>, so many times. Ask before what sets it begins.
    /// </summary>
    public Task NextTimer(TimeSpan dueTime, int times = 1)
    {
        lock (gate)
        {
            var next = new Waiting(dueTime, times);
            waiting.Add(next);
            return next.Set.Task;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, fake.CreateTimer(callback, state, dueTime, period));
        WasSet(dueTime);
        return timer;
    }

    private void WasSet(TimeSpan dueTime)
    {
        lock (gate)
        {
            foreach (var next in waiting.Where(w => w.DueTime == dueTime && --w.Times == 0))
            {
                next.Set.TrySetResult();
            }

            waiting.RemoveAll(w => w.Times == 0);
        }
    }

    private sealed class Waiting(TimeSpan dueTime, int times)
    {
        public TimeSpan DueTime { get; } = dueTime;

        public int Times { get; set; } = times;

        public TaskCompletionSource Set { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class WatchedTimer(TimerWatch watch, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            watch.WasSet(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
