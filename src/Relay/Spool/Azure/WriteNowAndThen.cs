namespace Relay.Spool.Azure;

/// <summary>Writes every few seconds what has come together meanwhile, one write at a time: each costs, and nobody waits for it.</summary>
internal sealed class WriteNowAndThen : IAsyncDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly Func<Task> write;
    private readonly ITimer timer;

    /// <param name="write">Writes all that waits. It never fails: it tells of what it could not write.</param>
    public WriteNowAndThen(Func<Task> write, TimeProvider time)
    {
        this.write = write;
        timer = time.CreateTimer(_ => _ = FlushAsync(CancellationToken.None), null, Period, Period);
    }

    private static TimeSpan Period => TimeSpan.FromSeconds(10);

    /// <summary>Writes what waits, now.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            await write();
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await FlushAsync(CancellationToken.None);
    }
}
