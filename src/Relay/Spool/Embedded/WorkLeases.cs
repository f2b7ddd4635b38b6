namespace Relay.Spool.Embedded;

/// <summary>
/// Which works of one queue this process holds, and who waits for more. Leases live in memory alone: only one process
/// has the spool open, and when it is gone all its leases are. Everything before the frontier is held or gone, so that
/// a look for work costs what it finds, however many are held; whatever comes or comes back before it moves it back.
/// </summary>
internal sealed class WorkLeases(TimeProvider time)
{
    /// <summary>The clock may be set while we wait: look again now and then.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<long, WorkPlace> held = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkPlace frontier = WorkPlace.First;

    /// <summary>The earliest that came while somebody looks: it may be missing in what is read.</summary>
    private WorkPlace arrived = WorkPlace.Last;

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

    /// <summary>Begins a look for work, from the place that is returned.</summary>
    public WorkPlace BeginLook()
    {
        lock (gate)
        {
            arrived = WorkPlace.Last;
            return frontier;
        }
    }

    /// <summary>Everything before <paramref name="reached"/> was found held or gone.</summary>
    public void EndLook(WorkPlace reached)
    {
        lock (gate)
        {
            frontier = WorkPlace.Earlier(reached, arrived);
        }
    }

    public bool TryHold(WorkPlace work)
    {
        lock (gate)
        {
            return held.TryAdd(work.Id, work);
        }
    }

    /// <summary>The work is done and gone.</summary>
    public void End(long work)
    {
        lock (gate)
        {
            held.Remove(work);
        }
    }

    /// <summary>The work is to be found again where it was.</summary>
    public void Release(long work)
    {
        lock (gate)
        {
            if (held.Remove(work, out var place))
            {
                MoveBack(place);
            }
        }
    }

    /// <summary>There is work at this place, which may be due.</summary>
    public void Signal(WorkPlace place)
    {
        TaskCompletionSource old;
        lock (gate)
        {
            MoveBack(place);
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

    private void MoveBack(WorkPlace place)
    {
        frontier = WorkPlace.Earlier(frontier, place);
        arrived = WorkPlace.Earlier(arrived, place);
    }
}
