namespace Relay.Transport;

/// <summary>What a kept connection may be used for: mail of the same route to the same address, under the same rule for TLS.</summary>
internal readonly record struct ConnectionKey(string Route, NextHop Hop, TlsPolicy Tls);

/// <summary>
/// Keeps connections for a few seconds after a message, for the next one to the same host. The one used last is used first,
/// so that what is not needed grows old and is closed.
/// </summary>
/// <param name="maxIdleTime">How long one is kept unused; zero keeps none.</param>
/// <param name="time">The clock.</param>
internal sealed class SmtpConnectionPool(TimeSpan maxIdleTime, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Connections kept at most, over all hosts.</summary>
    public const int MaxIdle = 256;

    /// <summary>Connections kept at most for one key.</summary>
    public const int MaxIdlePerHost = 32;

    /// <summary>Transactions on one connection at most: servers with several machines behind one address want their share.</summary>
    public const int MaxTransactions = 100;

    private readonly Lock gate = new();
    private readonly LinkedList<Idle> byAge = [];
    private readonly Dictionary<ConnectionKey, List<LinkedListNode<Idle>>> byKey = [];
    private readonly HashSet<Task> closing = [];
    private ITimer? timer;
    private bool disposed;

    /// <summary>Connections kept now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return byAge.Count;
            }
        }
    }

    /// <summary>A kept connection, now the caller's; null when there is none.</summary>
    public SmtpConnection? Take(ConnectionKey key)
    {
        while (TakeLast(key) is { } connection)
        {
            if (connection.Channel.IsQuiet)
            {
                return connection;
            }

            connection.Dispose();
        }

        return null;
    }

    /// <summary>Gives a connection back after use: it is kept, or said QUIT to.</summary>
    public void Release(ConnectionKey key, SmtpConnection connection)
    {
        lock (gate)
        {
            var isWornOut = connection.Channel.IsOver || connection.Transactions >= MaxTransactions;
            if (disposed || isWornOut || maxIdleTime <= TimeSpan.Zero)
            {
                Close(connection);
                return;
            }

            connection.Channel.Rest();
            if (byKey.TryGetValue(key, out var sameHost) && sameHost.Count >= MaxIdlePerHost)
            {
                Close(Remove(sameHost[0]).Connection);
            }
            else if (byAge.Count >= MaxIdle)
            {
                Close(Remove(byAge.First!).Connection);
            }

            Keep(key, connection);
        }
    }

    /// <summary>Closes all that is kept, and waits for the farewells.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] farewells;
        lock (gate)
        {
            disposed = true;
            while (byAge.First is { } oldest)
            {
                Close(Remove(oldest).Connection);
            }

            timer?.Dispose();
            farewells = [.. closing];
        }

        await Task.WhenAll(farewells);
    }

    private SmtpConnection? TakeLast(ConnectionKey key)
    {
        lock (gate)
        {
            return byKey.TryGetValue(key, out var idle) ? Remove(idle[^1]).Connection : null;
        }
    }

    private void Keep(ConnectionKey key, SmtpConnection connection)
    {
        var node = byAge.AddLast(new Idle(key, connection, time.GetTimestamp()));
        if (!byKey.TryGetValue(key, out var idle))
        {
            byKey[key] = idle = [];
        }

        idle.Add(node);
        timer ??= time.CreateTimer(_ => CloseOld(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (byAge.Count == 1)
        {
            timer.Change(maxIdleTime, Timeout.InfiniteTimeSpan);
        }
    }

    private Idle Remove(LinkedListNode<Idle> node)
    {
        byAge.Remove(node);
        var sameHost = byKey[node.Value.Key];
        sameHost.Remove(node);
        if (sameHost.Count == 0)
        {
            byKey.Remove(node.Value.Key);
        }

        return node.Value;
    }

    private void CloseOld()
    {
        lock (gate)
        {
            while (byAge.First is { } oldest)
            {
                var left = maxIdleTime - time.GetElapsedTime(oldest.Value.Since);
                if (left > TimeSpan.Zero)
                {
                    timer!.Change(left, Timeout.InfiniteTimeSpan);
                    return;
                }

                Close(Remove(oldest).Connection);
            }
        }
    }

    /// <summary>Under the lock. The farewell itself happens aside.</summary>
    private void Close(SmtpConnection connection)
    {
        if (connection.Channel.IsOver)
        {
            connection.Dispose();
            return;
        }

        var farewell = Task.Run(connection.Channel.QuitAsync);
        closing.Add(farewell);
        farewell.ContinueWith(ended =>
        {
            lock (gate)
            {
                closing.Remove(ended);
            }
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private sealed record Idle(ConnectionKey Key, SmtpConnection Connection, long Since);
}
