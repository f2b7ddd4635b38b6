using Microsoft.Extensions.Logging;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Transport.MxSecurity;

/// <summary>A policy as it was fetched.</summary>
/// <param name="Id">That of the record that announced it.</param>
/// <param name="FetchedAt">From then on it holds for its <c>max_age</c>.</param>
internal sealed record StsKept(string Id, StsPolicy Policy, DateTimeOffset FetchedAt)
{
    public DateTimeOffset Until => FetchedAt + Policy.MaxAge;
}

/// <summary>
/// The policies that hold, by domain: all in memory, and in the file <c>mta-sts.db</c> of the data folder, so that whoever can
/// block a fetch gains nothing by our restart (RFC 8461 §10.2). Strangers choose the domains: there is a bound to all of it, and
/// what was used least lately goes first.
/// </summary>
public sealed partial class StsCache
{
    /// <summary>Policies that are kept.</summary>
    internal const int MaxPolicies = 10_000;

    /// <summary>Characters of them all.</summary>
    internal const int MaxText = 16 * 1024 * 1024;

    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE policy(
            domain      TEXT    PRIMARY KEY,
            id          TEXT    NOT NULL,
            text        TEXT    NOT NULL,  -- as StsPolicyText writes it
            fetched_at  INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly string? file;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private long size;

    /// <summary>In memory alone: each process fetches for itself, and forgets when it ends.</summary>
    public StsCache(TimeProvider time, ILogger log)
        : this(null, time, log)
    {
    }

    private StsCache(string? file, TimeProvider time, ILogger log)
    {
        this.file = file;
        this.time = time;
        this.log = log;
    }

    /// <summary>Policies now kept.</summary>
    internal int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>Opens the file of a data folder, and makes it where there is none.</summary>
    /// <exception cref="Spool.SpoolException">It cannot be read or written; the message says why.</exception>
    public static StsCache Open(string dataFolder, TimeProvider time, ILogger log)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), "mta-sts.db");
        SharedFile.Create(file, Version, Tables);
        var cache = new StsCache(file, time, log);
        cache.Load();
        return cache;
    }

    /// <summary>The policy of a domain that still holds; null for none.</summary>
    internal StsKept? Find(string domain)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(domain, out var entry) || time.GetUtcNow() >= entry.Kept.Until)
            {
                return null;
            }

            entry.UsedAt = time.GetUtcNow();
            return entry.Kept;
        }
    }

    /// <summary>Keeps what was fetched just now in place of what was before.</summary>
    internal void Put(string domain, StsKept kept)
    {
        lock (gate)
        {
            Forget(domain);
            Remember(domain, kept, time.GetUtcNow());
            var gone = MakeRoom();
            try
            {
                Write(domain, kept, gone);
            }
            catch (Spool.SpoolException e)
            {
                LogNotWritten(e, domain, e.Message);
            }
        }
    }

    private void Load()
    {
        using var connection = SharedFile.Connect(file!);
        using (var old = new Statement(connection, "SELECT domain, id, text, fetched_at FROM policy ORDER BY fetched_at DESC"))
        {
            while (old.Next() && entries.Count < MaxPolicies && size < MaxText)
            {
                if (StsPolicyParser.TryParse(old.Blob(2), out var policy, out _))
                {
                    var fetchedAt = DateTimeOffset.FromUnixTimeMilliseconds(old.Int(3));
                    Remember(old.Text(0), new StsKept(old.Text(1), policy, fetchedAt), fetchedAt);
                }
            }
        }

        foreach (var domain in MakeRoom())
        {
            Delete(connection, domain);
        }
    }

    private void Remember(string domain, StsKept kept, DateTimeOffset usedAt)
    {
        var text = StsPolicyText.Of(kept.Policy);
        entries[domain] = new Entry(kept, domain.Length + kept.Id.Length + text.Length) { UsedAt = usedAt };
        size += entries[domain].Size;
    }

    private void Forget(string domain)
    {
        if (entries.Remove(domain, out var entry))
        {
            size -= entry.Size;
        }
    }

    /// <summary>Forgets what no longer holds once there is too much, then what was used least lately; gives the domains.</summary>
    private List<string> MakeRoom()
    {
        List<string> gone = [];
        if (entries.Count <= MaxPolicies && size <= MaxText)
        {
            return gone;
        }

        var now = time.GetUtcNow();
        foreach (var (domain, _) in entries.OrderBy(pair => pair.Value.Kept.Until > now).ThenBy(pair => pair.Value.UsedAt).ToArray())
        {
            // Room for more than one, or each new policy would sort them all.
            if (entries.Count <= MaxPolicies * 9 / 10 && size <= MaxText / 10 * 9)
            {
                break;
            }

            Forget(domain);
            gone.Add(domain);
        }

        return gone;
    }

    private void Write(string domain, StsKept kept, List<string> gone)
    {
        if (file is null)
        {
            return;
        }

        using var connection = SharedFile.Connect(file);
        SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
        using var put = new Statement(connection, "INSERT OR REPLACE INTO policy(domain, id, text, fetched_at) VALUES(?, ?, ?, ?)");
        put.Run(domain, kept.Id, StsPolicyText.Of(kept.Policy), kept.FetchedAt);
        gone.ForEach(old => Delete(connection, old));
        SqliteFile.Execute(connection, "COMMIT");
    }

    private static void Delete(Microsoft.Data.Sqlite.SqliteConnection connection, string domain)
    {
        using var delete = new Statement(connection, "DELETE FROM policy WHERE domain = ?");
        delete.Run(domain);
    }

    [LoggerMessage(EventIds.StsPoliciesNotWritten, LogLevel.Error, "mta-sts.db cannot be written, a restart will forget the policy of {Domain}: {Cause}")]
    private partial void LogNotWritten(Exception exception, string domain, string cause);

    private sealed class Entry(StsKept kept, int size)
    {
        public StsKept Kept { get; } = kept;

        public int Size { get; } = size;

        public DateTimeOffset UsedAt { get; set; }
    }
}
