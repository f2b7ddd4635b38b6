using System.Threading.Channels;

namespace Relay.Sqlite;

/// <summary>
/// Takes entries to a database behind the back of whoever makes them: nobody waits for the disk. What a flood brings beyond
/// what can wait is dropped, and told of. After a while, and then every hour, it is time to sweep.
/// </summary>
internal sealed class WriteBehind<T> : IAsyncDisposable
    where T : class
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstSweep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(1);

    private readonly Channel<Entry> queue;
    private readonly int maxBatch;
    private readonly TimeProvider time;
    private readonly Action<long> tellDropped;
    private readonly CancellationTokenSource closing = new();
    private ITimer? sweepTimer;
    private Task? writing;
    private long dropped;
    private long? toldAt;

    /// <param name="maxWaiting">Entries that wait at most.</param>
    /// <param name="maxBatch">Entries that are written together at most.</param>
    /// <param name="tellDropped">Told of drops: of the first at once, of others together, once a minute at most.</param>
    public WriteBehind(int maxWaiting, int maxBatch, TimeProvider time, Action<long> tellDropped)
    {
        this.maxBatch = maxBatch;
        this.time = time;
        this.tellDropped = tellDropped;
        queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(maxWaiting) { SingleReader = true });
    }

    /// <summary>Writes entries together, and sweeps when it is time; false when that failed, and a pause is due.</summary>
    public delegate bool Write(IReadOnlyList<T> entries, bool isSweepDue);

    /// <summary>Begins to write. The writer is never called twice at the same time.</summary>
    public void Start(Write write)
    {
        writing = Task.Run(() => WriteAsync(write));
        sweepTimer = time.CreateTimer(_ => queue.Writer.TryWrite(Entry.Sweep), null, FirstSweep, SweepPeriod);
    }

    /// <summary>Never waits and never fails; false when there is no room.</summary>
    public bool Add(T value) => queue.Writer.TryWrite(new Entry(value));

    /// <summary>Notes that entries are lost.</summary>
    public void Drop(int count) => Interlocked.Add(ref dropped, count);

    /// <summary>Waits until all that was added before is written, or given up.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await queue.Writer.WriteAsync(new Entry(Written: written), cancel);
        }
        catch (ChannelClosedException)
        {
            await writing!.WaitAsync(cancel);
            return;
        }

        await written.Task.WaitAsync(cancel);
    }

    /// <summary>Ends when what waits is written: then the database can be closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (queue.Writer.TryComplete())
        {
            await sweepTimer!.DisposeAsync();
            await closing.CancelAsync();
        }

        await writing!;
        closing.Dispose();
    }

    private async Task WriteAsync(Write write)
    {
        var batch = new List<Entry>(maxBatch);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < maxBatch && queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            var isWritten = write([.. batch.Select(entry => entry.Value).OfType<T>()], batch.Contains(Entry.Sweep));
            batch.ForEach(static entry => entry.Written?.SetResult());
            batch.Clear();
            TellDropped(ReportPeriod);
            if (!isWritten)
            {
                await Task.Delay(FailurePause, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        TellDropped(TimeSpan.Zero);
    }

    /// <summary>A flood must not become one of the log.</summary>
    private void TellDropped(TimeSpan period)
    {
        if (toldAt is { } last && time.GetElapsedTime(last) < period)
        {
            return;
        }

        var count = Interlocked.Exchange(ref dropped, 0);
        if (count > 0)
        {
            toldAt = time.GetTimestamp();
            tellDropped(count);
        }
    }

    /// <summary>A value, somebody who waits for all before it, or, without either, the time to sweep.</summary>
    private readonly record struct Entry(T? Value = null, TaskCompletionSource? Written = null)
    {
        public static Entry Sweep => default;
    }
}
