namespace Relay.Delivery;

/// <summary>
/// Places for works in flight. One that takes longer than a moment moves to a slow lane, and its place is free for another: so
/// hosts that are dead or slow never hold up those that are not. The slow lane is bounded too; who finds it full stays.
/// </summary>
internal sealed class Lanes(int places, TimeProvider time)
{
    /// <summary>The slow lane has so many times the places of the fast one.</summary>
    public const int MaxSlowFactor = 15;

    /// <summary>Who takes longer changes the lane: a host that answers at once needs less, one that is far away or slow does not.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private int inFlight;
    private int late;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Places that are free in the fast lane.</summary>
    public int Free
    {
        get
        {
            lock (gate)
            {
                return FreeNow;
            }
        }
    }

    /// <summary>Works in flight, in both lanes.</summary>
    public int InFlight
    {
        get
        {
            lock (gate)
            {
                return inFlight;
            }
        }
    }

    private int FreeNow => places - (inFlight - Math.Min(late, MaxSlowFactor * places));

    /// <summary>Waits until a place is free.</summary>
    public Task UntilFreeAsync(CancellationToken cancel) => UntilAsync(() => FreeNow > 0, cancel);

    /// <summary>Waits until nothing is in flight.</summary>
    public Task UntilIdleAsync() => UntilAsync(() => inFlight == 0, CancellationToken.None);

    /// <summary>Takes a place, which must be free; disposing gives it back.</summary>
    public IDisposable Enter()
    {
        lock (gate)
        {
            inFlight++;
        }

        return new Place(this, time);
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancel)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                cancel.ThrowIfCancellationRequested();
                if (condition())
                {
                    return;
                }

                change = changed.Task;
            }

            await change.WaitAsync(cancel);
        }
    }

    private void Change(int inFlightBy, int lateBy)
    {
        TaskCompletionSource before;
        lock (gate)
        {
            inFlight += inFlightBy;
            late += lateBy;
            before = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.SetResult();
    }

    private sealed class Place : IDisposable
    {
        private const int InTime = 0;
        private const int Late = 1;
        private const int Left = 2;

        private readonly Lanes lanes;
        private readonly ITimer timer;
        private int state;

        public Place(Lanes lanes, TimeProvider time)
        {
            this.lanes = lanes;
            timer = time.CreateTimer(
                static place => ((Place)place!).BeLate(), this, Moment, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            timer.Dispose();
            var wasLate = Interlocked.Exchange(ref state, Left) == Late;
            lanes.Change(inFlightBy: -1, lateBy: wasLate ? -1 : 0);
        }

        private void BeLate()
        {
            if (Interlocked.CompareExchange(ref state, Late, InTime) == InTime)
            {
                lanes.Change(inFlightBy: 0, lateBy: 1);
            }
        }
    }
}
