using Microsoft.Data.Sqlite;

namespace Relay.Spool.Embedded;

/// <summary>One change to the database. It may be run more than once before it is committed.</summary>
internal abstract class WriteJob
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the change is durable, or with the reason why it is not.</summary>
    public Task Done => done.Task;

    /// <summary>Makes the change, inside a transaction of the writer.</summary>
    public abstract void Run(Writes writes);

    /// <summary>Called on the writer's thread once the change is durable; must be quick.</summary>
    public virtual void Committed()
    {
    }

    public void Complete()
    {
        Committed();
        done.SetResult();
    }

    public void Fail(Exception cause) => done.TrySetException(cause);
}

/// <summary>
/// The one writer of the database, on a thread of its own. All jobs that wait when it is free are committed together: one
/// sync of the disk serves many sessions.
/// </summary>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly Writes writes;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim wake = new(0);
    private List<WriteJob> waiting = [];
    private List<WriteJob> running = [];
    private bool closing;

    public GroupCommitWriter(SqliteConnection connection)
    {
        this.connection = connection;
        writes = new Writes(connection);
        thread = new Thread(Loop) { Name = "spool writer", IsBackground = true };
        thread.Start();
    }

    /// <summary>Runs the job; ends when it is durable.</summary>
    public Task RunAsync(WriteJob job)
    {
        lock (gate)
        {
            if (closing)
            {
                return Task.FromException(new SpoolException(SpoolFault.Unavailable, "the spool is closed"));
            }

            waiting.Add(job);
            if (waiting.Count == 1)
            {
                wake.Release();
            }
        }

        return job.Done;
    }

    /// <summary>Commits what was handed in, then closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (closing)
            {
                return;
            }

            closing = true;
            wake.Release();
        }

        await ended.Task;
        wake.Dispose();
    }

    private void Loop()
    {
        while (TakeJobs())
        {
            if (!TryCommit(running, out _))
            {
                // One bad job must not fail the others: each gets a transaction of its own.
                foreach (var job in running)
                {
                    if (!TryCommit([job], out var cause))
                    {
                        job.Fail(cause!);
                    }
                }
            }
        }

        writes.Dispose();
        connection.Dispose();
        ended.SetResult();
    }

    private bool TakeJobs()
    {
        running.Clear();
        wake.Wait();
        lock (gate)
        {
            (waiting, running) = (running, waiting);
            return running.Count > 0 || !closing;
        }
    }

    private bool TryCommit(IReadOnlyList<WriteJob> jobs, out Exception? cause)
    {
        cause = null;
        try
        {
            writes.Begin();
            foreach (var job in jobs)
            {
                job.Run(writes);
            }

            writes.Commit();
        }
        catch (Exception e)
        {
            cause = e as SpoolException ?? new SpoolException(SpoolFault.Unavailable, e.Message, e);
            writes.Rollback();
            return false;
        }

        foreach (var job in jobs)
        {
            job.Complete();
        }

        return true;
    }
}
