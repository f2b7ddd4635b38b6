namespace Relay.Spool.Azure;

/// <summary>
/// Something that many ask for and others may change: it is read again once a second at most, by one of those who ask. Who cannot
/// wait gets what was known some seconds ago while it is read, so that a slow storage holds up nobody's thread.
/// </summary>
/// <param name="read">Reads it. It is given what was known before, to give it back where nothing has changed.</param>
internal sealed class Looked<T>(Func<T?, Task<T>> read, TimeProvider time)
    where T : class
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The oldest that is given to who cannot wait.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    /// <summary>How long a thread is held up where nothing is known that is young enough.</summary>
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Look? current;
    private Look? known;
    private T? before;

    /// <summary>As it is now, or was a second ago.</summary>
    /// <exception cref="SpoolException">It cannot be read.</exception>
    public ValueTask<T> GetAsync(CancellationToken cancel)
    {
        var look = Take();
        return look.Task.IsCompletedSuccessfully ? new ValueTask<T>(look.Task.Result) : new ValueTask<T>(look.Task.WaitAsync(cancel));
    }

    /// <summary>As it is now, or was some seconds ago.</summary>
    /// <exception cref="SpoolException">It cannot be read.</exception>
    public T Get()
    {
        var look = Take();
        if (look.Task.IsCompletedSuccessfully)
        {
            return look.Task.Result;
        }

        if (known is { } old && time.GetElapsedTime(old.At) < MaxAge)
        {
            return old.Task.Result;
        }

        return ((IAsyncResult)look.Task).AsyncWaitHandle.WaitOne(WaitTimeout)
            ? look.Task.GetAwaiter().GetResult()
            : throw new SpoolException(SpoolFault.Unavailable, "Azure Storage: no answer in time");
    }

    /// <summary>We have changed it ourselves: whoever asks from now on sees that.</summary>
    public async Task RefreshAsync()
    {
        Look look;
        lock (gate)
        {
            (current, known) = (null, null);
            look = Take();
        }

        // The change is made; that it cannot be read now is told to who asks for it.
        await ((Task)look.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What is being read, was read within the last second, or failed within it.</summary>
    private Look Take()
    {
        lock (gate)
        {
            if (current is { } last && (!last.Task.IsCompleted || time.GetElapsedTime(last.At) < Period))
            {
                return last;
            }

            var look = new Look(time.GetTimestamp());
            var old = before;
            look.Task = Task.Run(() => ReadAsync(look, old));
            return current = look;
        }
    }

    private async Task<T> ReadAsync(Look look, T? old)
    {
        var value = await read(old);
        lock (gate)
        {
            // Unless it was forgotten while it was read.
            if (current == look)
            {
                (known, before) = (look, value);
            }
        }

        return value;
    }

    private sealed class Look(long at)
    {
        public long At { get; } = at;

        public Task<T> Task { get; set; } = null!;
    }
}
