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

    /// <summary>Takes one work by its number; false when somebody has it.</summary>
    public bool TryHold(WorkPlace work) => leases.TryHold(work);

    /// <summary>The work is done and gone.</summary>
    public void End(long work) => leases.End(work);

    /// <summary>The work is to be leased again, when somebody looks the next time.</summary>
    public void Release(long work) => leases.Release(work);

    /// <summary>The work is to be leased again, now.</summary>
    public void GiveBack(long work)
    {
        leases.Release(work);
        leases.Signal(WorkPlace.Last);
    }

    /// <summary>There is work, or it is due at another time than before.</summary>
    public void Signal(WorkPlace place) => leases.Signal(place);

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
        var reached = leases.BeginLook();
        try
        {
            while (taken.Count < max && reader.Due(queue, reached, now, max - taken.Count) is { Count: > 0 } found)
            {
                foreach (var place in found)
                {
                    reached = place.Next;
                    if (leases.TryHold(place))
                    {
                        fault = TakeOne(place.Id, taken, unreadable) ?? fault;
                    }
                }
            }
        }
        finally
        {
            leases.EndLook(reached);
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
                taken.Add(new EmbeddedLease(work, id));
            }
            else
            {
                leases.End(id);
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

/// <summary>Work of the embedded spool that is held.</summary>
/// <param name="Work">What to do.</param>
/// <param name="Id">Its number in the database.</param>
internal sealed record EmbeddedLease(WorkItem Work, long Id) : Lease(Work)
{
    /// <summary>The number of a work that this engine leased.</summary>
    public static long IdOf(Lease lease) => ((EmbeddedLease)lease).Id;
}
