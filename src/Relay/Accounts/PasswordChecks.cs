using System.Security.Cryptography;
using System.Text;

namespace Relay.Accounts;

/// <summary>
/// Checks passwords, which is slow on purpose: never more at once than there are processors, off the threads of the
/// sessions, and with so many waiting at most. A password that held is known again by a fast keyed digest, so that an
/// application that signs in for every message pays once.
/// </summary>
internal sealed class PasswordChecks(TimeProvider time)
{
    /// <summary>Checks that wait for a processor.</summary>
    internal const int MaxWaiting = 500;

    /// <summary>Digests that are kept.</summary>
    private const int MaxKnown = 10_000;

    private static readonly TimeSpan MaxKnownAge = TimeSpan.FromHours(24);

    private readonly byte[] secret = RandomNumberGenerator.GetBytes(ScramSha256.HashLength);
    private readonly RecentSet<UInt128> known = new(MaxKnown, MaxKnownAge, time);
    private int waiting;
    private long derivations;

    /// <summary>Derivations made so far: what a test counts in place of time.</summary>
    internal long Derivations => Interlocked.Read(ref derivations);

    /// <summary>Who waits now.</summary>
    internal int Waiting => Volatile.Read(ref waiting);

    /// <summary>Who holds all of these stops all checks; a test does.</summary>
    internal SemaphoreSlim Processors { get; } = new(Environment.ProcessorCount);

    /// <summary>
    /// True when this password held for these keys before. A digest is bound to the keys: with a new password it fits
    /// no longer. To be asked only where yes lets the client in, for its answer is faster than a check.
    /// </summary>
    public bool IsKnown(string name, PasswordKeys keys, string password) => known.Contains(Digest(name, keys, password));

    /// <summary>Waits for a turn; whoever has one gives it back by disposing of it. Null when too many wait already.</summary>
    public async ValueTask<Turn?> NextAsync(CancellationToken cancel)
    {
        if (Interlocked.Increment(ref waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        try
        {
            await Processors.WaitAsync(cancel);
            return new Turn(this);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private bool Check(string name, PasswordKeys keys, string password)
    {
        Interlocked.Increment(ref derivations);
        if (!ScramSha256.PasswordHolds(keys, password))
        {
            return false;
        }

        known.Add(Digest(name, keys, password));
        return true;
    }

    /// <summary>The keys have a fixed length and the name has its length before it, so no two triples are the same octets.</summary>
    private UInt128 Digest(string name, PasswordKeys keys, string password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        var nameOctets = Encoding.UTF8.GetBytes(LockSubject.Of(name));
        hmac.AppendData(keys.StoredKey);
        hmac.AppendData(BitConverter.GetBytes(nameOctets.Length));
        hmac.AppendData(nameOctets);
        hmac.AppendData(Encoding.UTF8.GetBytes(password));
        Span<byte> digest = stackalloc byte[ScramSha256.HashLength];
        hmac.GetHashAndReset(digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
    }

    /// <summary>The right to use a processor.</summary>
    public sealed class Turn(PasswordChecks checks) : IDisposable
    {
        /// <summary>Whether it is the password: the same work for yes and no.</summary>
        public Task<bool> CheckAsync(string name, PasswordKeys keys, string password) =>
            Task.Run(() => checks.Check(name, keys, password));

        public void Dispose() => checks.Processors.Release();
    }
}
