using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Accounts.Embedded;

/// <summary>
/// Writes attempts to sign in behind the back of whoever makes them: none of them waits for the disk. What a flood brings
/// beyond what can wait is dropped, and told of. Old attempts are swept.
/// </summary>
internal sealed partial class SignInWriter : IAsyncDisposable
{
    private const int MaxWaiting = 4096;
    private const int MaxBatch = 1000;

    /// <summary>Attempts. They are what somebody asks about today or this week, not an archive.</summary>
    private const int MaxKept = 100_000;

    /// <summary>Characters of each text: most of it is what a stranger sent.</summary>
    private const int MaxText = 500;

    private const int MaxLocks = 10_000;
    private const int SweepEvery = 10_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstSweep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(1);

    private readonly Channel<Entry> queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly CancellationTokenSource closing = new();
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SqliteConnection connection;
    private readonly Statement insert;
    private readonly ITimer sweepTimer;
    private readonly Task writing;
    private long dropped;
    private long? reportedAt;
    private int sinceSweep;

    public SignInWriter(string file, TimeProvider time, ILogger log)
    {
        this.time = time;
        this.log = log;
        // The last attempts before a power cut may be lost, in exchange for no sync of the disk for each.
        connection = AccountsFile.Connect(file, isDurable: false);
        insert = new Statement(connection, """
            INSERT INTO sign_in(session, at, mechanism, account, client_address, result, detail) VALUES(?, ?, ?, ?, ?, ?, ?)
            """);
        writing = Task.Run(WriteAsync);
        sweepTimer = time.CreateTimer(_ => queue.Writer.TryWrite(Entry.Sweep), null, FirstSweep, SweepPeriod);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Record(SignIn signIn)
    {
        if (!queue.Writer.TryWrite(new Entry(signIn)))
        {
            Drop(1);
        }
    }

    /// <summary>Waits until all that was recorded before is written, or given up.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await queue.Writer.WriteAsync(new Entry(Written: written), cancel);
        }
        catch (ChannelClosedException)
        {
            await writing.WaitAsync(cancel);
            return;
        }

        await written.Task.WaitAsync(cancel);
    }

    /// <summary>Writes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!queue.Writer.TryComplete())
        {
            return;
        }

        await sweepTimer.DisposeAsync();
        await closing.CancelAsync();
        await writing;
        closing.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>(MaxBatch);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            var isWritten = TryWrite(batch);
            batch.ForEach(static entry => entry.Written?.SetResult());
            batch.Clear();
            ReportDrops(ReportPeriod);
            if (!isWritten)
            {
                await Task.Delay(FailurePause, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        ReportDrops(TimeSpan.Zero);
        insert.Dispose();
        connection.Dispose();
    }

    private bool TryWrite(List<Entry> batch)
    {
        var count = batch.Count(entry => entry.SignIn is not null);
        var isSweepDue = sinceSweep + count >= SweepEvery || batch.Contains(Entry.Sweep);
        if (count == 0 && !isSweepDue)
        {
            return true;
        }

        try
        {
            SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
            foreach (var entry in batch)
            {
                Insert(entry.SignIn);
            }

            if (isSweepDue)
            {
                Sweep();
            }

            SqliteFile.Execute(connection, "COMMIT");
            sinceSweep = isSweepDue ? 0 : sinceSweep + count;
            return true;
        }
        catch (Exception e)
        {
            Rollback();
            RelayTelemetry.SignInsDropped.Add(count);
            LogNotWritten(e, count, e.Message);
            return false;
        }
    }

    private void Insert(SignIn? signIn)
    {
        if (signIn is not null)
        {
            insert.Run(
                signIn.Session, signIn.At, Short(signIn.Mechanism), Short(signIn.Account), Short(signIn.ClientAddress),
                signIn.Result.Word(), Short(signIn.Detail));
        }
    }

    /// <summary>Locks go the same way: those that have ended, and the first to end where there are too many to keep in memory.</summary>
    private void Sweep()
    {
        var now = time.GetUtcNow();
        Run("DELETE FROM sign_in WHERE at < ?", now - MaxAge);
        Run("DELETE FROM sign_in WHERE id <= (SELECT max(id) FROM sign_in) - ?", MaxKept);
        Run("DELETE FROM lock WHERE until <= ?", now);
        Run("""
            DELETE FROM lock WHERE (SELECT count(*) FROM lock) > ?1
                AND (kind, subject) NOT IN (SELECT kind, subject FROM lock ORDER BY until DESC LIMIT ?1)
            """, MaxLocks);
    }

    private void Run(string sql, SqliteValue parameter)
    {
        using var statement = new Statement(connection, sql);
        statement.Run(parameter);
    }

    private void Rollback()
    {
        try
        {
            SqliteFile.Execute(connection, "ROLLBACK");
        }
        catch (Spool.SpoolException)
        {
            // There was no transaction, or SQLite has ended it itself.
        }
    }

    private void Drop(int count)
    {
        Interlocked.Add(ref dropped, count);
        RelayTelemetry.SignInsDropped.Add(count);
    }

    /// <summary>The first drop is told at once, the others together now and then: a flood must not become one of the log.</summary>
    private void ReportDrops(TimeSpan period)
    {
        if (reportedAt is { } last && time.GetElapsedTime(last) < period)
        {
            return;
        }

        var count = Interlocked.Exchange(ref dropped, 0);
        if (count > 0)
        {
            reportedAt = time.GetTimestamp();
            LogDropped(count);
        }
    }

    private static string? Short(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    [LoggerMessage(EventIds.SignInsDropped, LogLevel.Warning, "{Count} attempts to sign in came faster than they can be noted, and are not kept")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.SignInsNotWritten, LogLevel.Error, "accounts.db cannot be written, {Count} attempts to sign in are not kept: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);

    /// <summary>An attempt, somebody who waits for all before it, or, without either, the time to sweep.</summary>
    private readonly record struct Entry(SignIn? SignIn = null, TaskCompletionSource? Written = null)
    {
        public static Entry Sweep => default;
    }
}
