namespace Relay.Accounts;

/// <summary>
/// Failures to sign in within the last <paramref name="window"/>, by address and by account. Strangers fill it: it keeps so
/// many at most, and the oldest go first.
/// </summary>
internal sealed class Failures(TimeSpan window, TimeProvider time)
{
    /// <summary>Failures that are kept.</summary>
    internal const int MaxKept = 50_000;

    private readonly System.Threading.Lock gate = new();
    private readonly Queue<Failure> byAge = new();
    private readonly Dictionary<(LockKind, string), int> counts = [];

    /// <param name="address">Null where it is not known.</param>
    /// <param name="account">Null where the failure was no guess at one.</param>
    public void Add(string? address, string? account)
    {
        lock (gate)
        {
            DropOld(MaxKept - 1);
            byAge.Enqueue(new Failure(time.GetUtcNow()) { Address = address, Account = account });
            Change(LockKind.Address, address, +1);
            Change(LockKind.Account, account, +1);
        }
    }

    public int Count(LockKind kind, string? subject)
    {
        if (subject is null)
        {
            return 0;
        }

        lock (gate)
        {
            DropOld(MaxKept);
            return counts.GetValueOrDefault((kind, subject));
        }
    }

    /// <summary>Forgets those that this address made at this account: whoever signs in had only mistyped.</summary>
    public void Forget(string address, string account)
    {
        // Most sign-ins have no failure to forget, and need not look through all.
        if (Count(LockKind.Account, account) > 0)
        {
            ForgetWhere(f => f.Address == address && f.Account == account);
        }
    }

    /// <summary>Forgets all that an address or an account has; failures keep counting for their other half.</summary>
    public void ForgetAll(LockKind kind, string subject)
    {
        lock (gate)
        {
            foreach (var failure in byAge)
            {
                if (kind == LockKind.Address && failure.Address == subject)
                {
                    failure.Address = null;
                }
                else if (kind == LockKind.Account && failure.Account == subject)
                {
                    failure.Account = null;
                }
            }

            counts.Remove((kind, subject));
        }
    }

    private void ForgetWhere(Func<Failure, bool> isForgotten)
    {
        lock (gate)
        {
            foreach (var failure in byAge.Where(isForgotten))
            {
                Uncount(failure);
                failure.Address = failure.Account = null;
            }
        }
    }

    private void DropOld(int max)
    {
        var since = time.GetUtcNow() - window;
        while (byAge.TryPeek(out var oldest) && (oldest.At <= since || byAge.Count > max))
        {
            Uncount(byAge.Dequeue());
        }
    }

    private void Uncount(Failure failure)
    {
        Change(LockKind.Address, failure.Address, -1);
        Change(LockKind.Account, failure.Account, -1);
    }

    private void Change(LockKind kind, string? subject, int by)
    {
        if (subject is null)
        {
            return;
        }

        var count = counts.GetValueOrDefault((kind, subject)) + by;
        if (count > 0)
        {
            counts[(kind, subject)] = count;
        }
        else
        {
            counts.Remove((kind, subject));
        }
    }

    private sealed class Failure(DateTimeOffset at)
    {
        public DateTimeOffset At { get; } = at;

        public string? Address { get; set; }

        public string? Account { get; set; }
    }
}
