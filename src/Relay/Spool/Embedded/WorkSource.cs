namespace Relay.Spool.Embedded;

/// <summary>Hands out the works of one queue that are due and not held.</summary>
internal sealed class WorkSource(WorkQueue queue, string database, TimeProvider time) : IDisposable
{
    private readonly WorkReader reader = new(database);
    private readonly WorkLeases leases = new(time);
    private readonly SemaphoreSlim one = new(1);
    private readonly CancellationTokenSource closing = new();

    /// <summary>Waits until something is due. Works that cannot be read come with the cause, and are held too.</summary>
    public async Task<(List<Lease> Leases, List<(long Work, string Cause)> Unreadable)> LeaseAsync(int max, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
        cancel = either.Token;
        await one.WaitAsync(cancel);
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var changed = leases.Changed;
                var now = time.GetUtcNow();
                var taken = Take(max, now);
                if (taken.Leases.Count + taken.Unreadable.Count > 0)
                {
                    return taken;
                }

                await leases.WaitAsync(changed, reader.NextDue(queue, now), cancel);
            }
        }
        finally
        {
            one.Release();
        }
    }

    public void Release(long work) => leases.Release(work);

    public void Signal() => leases.Signal();

    public void Dispose()
    {
        closing.Cancel();
        one.Wait();
        reader.Dispose();
        one.Dispose();
        closing.Dispose();
    }

    private (List<Lease> Leases, List<(long Work, string Cause)> Unreadable) Take(int max, DateTimeOffset now)
    {
        List<Lease> taken = [];
        List<(long, string)> unreadable = [];
        SpoolException? fault = null;
        foreach (var id in reader.Due(queue, now, max + leases.Count))
        {
            if (taken.Count == max)
            {
                break;
            }

            if (leases.TryHold(id))
            {
                fault = TakeOne(id, taken, unreadable) ?? fault;
            }
        }

        return fault is null || taken.Count + unreadable.Count > 0 ? (taken, unreadable) : throw fault;
    }

    /// <summary>Null, or why it cannot be read for now: that says nothing of the work, which comes again.</summary>
    private SpoolException? TakeOne(long id, List<Lease> taken, List<(long, string)> unreadable)
    {
        try
        {
            if (reader.Read(queue, id) is { } work)
            {
                taken.Add(new Lease(work, id));
            }
            else
            {
                leases.Release(id);
            }
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            unreadable.Add((id, e.Message));
        }
        catch (SpoolException e)
        {
            leases.Release(id);
            return e;
        }

        return null;
    }
}
