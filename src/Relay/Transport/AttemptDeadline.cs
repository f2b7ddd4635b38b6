namespace Relay.Transport;

/// <summary>
/// How long an attempt may take over all its hosts. It does not run while the reply to the content is awaited, which has a time
/// of its own: whoever hung up then would not know whether the message was taken, and would send it twice.
/// </summary>
internal sealed class AttemptDeadline(TimeProvider time, long contentLength) : IDisposable
{
    /// <summary>For everything but the content.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(15);

    /// <summary>Octets a second that the content must go out with, roughly.</summary>
    public const int MinRate = 4096;

    private readonly CancellationTokenSource over = new(Timeout.InfiniteTimeSpan, time);
    private readonly TimeSpan allowed = MaxTime + TimeSpan.FromSeconds(contentLength / MinRate);
    private TimeSpan used;
    private long? since;

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Over => over.Token;

    /// <summary>The time is over.</summary>
    public bool IsOver => over.IsCancellationRequested;

    /// <summary>It runs from here on.</summary>
    public void Run()
    {
        Pause();
        since = time.GetTimestamp();
        over.CancelAfter(allowed > used ? allowed - used : TimeSpan.Zero);
    }

    /// <summary>It stands still until it is told to run again.</summary>
    public void Pause()
    {
        used += since is { } begin ? time.GetElapsedTime(begin) : TimeSpan.Zero;
        since = null;
        over.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => over.Dispose();
}
