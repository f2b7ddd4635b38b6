using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Accounts;

/// <summary>
/// The locks in force, read at most once a second: one that another process lifts is gone here a second later. A lock that
/// is set here holds at once.
/// </summary>
/// <param name="lifted">Told of each lock that is gone before its time.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing unless its wait handle is asked for")]
internal sealed class LockSnapshot(IAccounts accounts, TimeProvider time, Action<Lock> lifted)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim gate = new(1);
    private volatile Snapshot current = new(FrozenDictionary<(LockKind, string), Lock>.Empty, null);

    /// <summary>Reads the locks again where what is known of them is too old.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancel)
    {
        if (IsFresh())
        {
            return;
        }

        await gate.WaitAsync(cancel);
        try
        {
            if (!IsFresh())
            {
                await ReadAsync(cancel);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The lock on this subject, as far as it is known now.</summary>
    public Lock? Find(LockKind kind, string subject) =>
        current.Locks.TryGetValue((kind, subject), out var found) && found.Until > time.GetUtcNow() ? found : null;

    /// <summary>Sets a lock, for all processes.</summary>
    public async Task SetAsync(Lock @lock, CancellationToken cancel)
    {
        // Not while the locks are being read: what was read before would hide this one.
        await gate.WaitAsync(cancel);
        try
        {
            await accounts.LockAsync(@lock, cancel);
            var locks = new Dictionary<(LockKind, string), Lock>(current.Locks) { [(@lock.Kind, @lock.Subject)] = @lock };
            current = current with { Locks = locks.ToFrozenDictionary() };
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        var readAt = time.GetTimestamp();
        var now = time.GetUtcNow();
        var read = (await accounts.LocksAsync(now, cancel)).ToDictionary(l => (l.Kind, l.Subject));
        var before = current.Locks;
        current = new Snapshot(read.ToFrozenDictionary(), readAt);
        foreach (var (key, @lock) in before)
        {
            if (@lock.Until > now && !read.ContainsKey(key))
            {
                lifted(@lock);
            }
        }
    }

    private bool IsFresh() => current.ReadAt is { } readAt && time.GetElapsedTime(readAt) < MaxAge;

    private sealed record Snapshot(FrozenDictionary<(LockKind, string), Lock> Locks, long? ReadAt);
}
