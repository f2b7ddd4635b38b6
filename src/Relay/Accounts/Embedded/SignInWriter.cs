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

    private readonly WriteBehind<SignIn> queue;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SqliteConnection connection;
    private readonly Statement insert;
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
        queue = new WriteBehind<SignIn>(MaxWaiting, MaxBatch, time, LogDropped);
        queue.Start(TryWrite);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Record(SignIn signIn)
    {
        if (!queue.Add(signIn))
        {
            queue.Drop(1);
            RelayTelemetry.SignInsDropped.Add(1);
        }
    }

    /// <summary>Waits until all that was recorded before is written, or given up.</summary>
    public Task FlushAsync(CancellationToken cancel) => queue.FlushAsync(cancel);

    /// <summary>Writes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync();
        insert.Dispose();
        connection.Dispose();
    }

    private bool TryWrite(IReadOnlyList<SignIn> signIns, bool isSweepTime)
    {
        var isSweepDue = isSweepTime || sinceSweep + signIns.Count >= SweepEvery;
        if (signIns.Count == 0 && !isSweepDue)
        {
            return true;
        }

        try
        {
            SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
            foreach (var signIn in signIns)
            {
                Insert(signIn);
            }

            if (isSweepDue)
            {
                Sweep();
            }

            SqliteFile.Execute(connection, "COMMIT");
            sinceSweep = isSweepDue ? 0 : sinceSweep + signIns.Count;
            return true;
        }
        catch (Exception e)
        {
            SqliteFile.Rollback(connection);
            RelayTelemetry.SignInsDropped.Add(signIns.Count);
            LogNotWritten(e, signIns.Count, e.Message);
            return false;
        }
    }

    private void Insert(SignIn signIn) => insert.Run(
        signIn.Session, signIn.At, Short(signIn.Mechanism), Short(signIn.Account), Short(signIn.ClientAddress),
        signIn.Result.Word(), Short(signIn.Detail));

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

    private static string? Short(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    [LoggerMessage(EventIds.SignInsDropped, LogLevel.Warning, "{Count} attempts to sign in came faster than they can be noted, and are not kept")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.SignInsNotWritten, LogLevel.Error, "accounts.db cannot be written, {Count} attempts to sign in are not kept: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
