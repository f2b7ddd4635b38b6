namespace Relay.Spool.Embedded;

/// <summary>
/// Which works of one queue this process holds, and who waits for more. Leases live in memory alone: only one process
/// has the spool open, and when it is gone all its leases are.
/// </summary>
internal sealed class WorkLeases(TimeProvider time)
{
    /// <summary>The clock may be set while we wait: look again now and then.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly HashSet<long> held = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends at the next <see cref="Signal"/>. Take it before looking, so that no signal is missed.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return held.Count;
            }
        }
    }

    public bool TryHold(long work)
    {
        lock (gate)
        {
            return held.Add(work);
        }
    }

    public void Release(long work)
    {
        lock (gate)
        {
            held.Remove(work);
        }
    }

    /// <summary>There may be work that is due.</summary>
    public void Signal()
    {
        TaskCompletionSource old;
        lock (gate)
        {
            old = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        old.SetResult();
    }

    /// <summary>Waits for a signal, and at most until work is due.</summary>
    public async Task WaitAsync(Task signal, DateTimeOffset? due, CancellationToken cancel)
    {
        if (due is null)
        {
            await signal.WaitAsync(cancel);
            return;
        }

        var delay = due.Value - time.GetUtcNow();
        if (delay <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(signal, Task.Delay(Min(delay, MaxDelay), time, timer.Token));
        await timer.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
