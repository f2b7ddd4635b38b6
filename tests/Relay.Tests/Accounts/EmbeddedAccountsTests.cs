using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Accounts.Embedded;
using Relay.Spool;
using Relay.Telemetry;
using Lock = Relay.Accounts.Lock;

namespace Relay.Tests.Accounts;

public sealed class EmbeddedAccountsTests : AccountsContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-accounts-").FullName;
    private readonly RecordedLog log = new();

    private string Database => Path.Combine(folder, "accounts.db");

    protected override IAccounts Open() => EmbeddedAccounts.Open(folder, Time, log);

    protected override ValueTask CloseAsync(IAccounts accounts) => ((EmbeddedAccounts)accounts).DisposeAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_files_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes");
            return;
        }

        var own = Path.Combine(folder, "new", "deep");
        await using var accounts = EmbeddedAccounts.Open(own, Time, NullLogger.Instance);
        await accounts.SaveAsync(Named("app"), default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(own));
        var files = Directory.GetFiles(own);
        Assert.Equal(["accounts.db", "accounts.db-shm", "accounts.db-wal"], files.Select(Path.GetFileName).Order());
        foreach (var file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task The_file_is_looked_at_once_a_second_and_no_more()
    {
        Assert.Null(await Accounts.FindAsync("app", default));
        Execute("INSERT INTO account(key, name, disabled, senders, networks, created_at) VALUES('app', 'App', 0, '', '', 0)");

        Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Null(await Accounts.FindAsync("app", default));

        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await Accounts.FindAsync("app", default));
    }

    [Fact]
    public async Task Accounts_are_not_read_again_when_something_else_changes()
    {
        await Accounts.SaveAsync(Named("app"), default);
        var before = await Accounts.FindAsync("app", default);

        Accounts.Record(Attempt("s", SignInResult.SignedIn));
        Assert.Single(await Accounts.SignInsAsync("s", default));
        await Accounts.LockAsync(new Lock(LockKind.Account, "app", 20, Start.AddMinutes(15)), default);
        Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Same(before, await Accounts.FindAsync("app", default));
        Assert.Single(await Accounts.LocksAsync(Start, default));
    }

    [Fact]
    public async Task Eight_that_make_the_file_at_the_same_time_all_get_it()
    {
        var own = Path.Combine(folder, "race");
        using var start = new Barrier(8);

        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return EmbeddedAccounts.Open(own, Time, NullLogger.Instance);
            },
            default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        await Task.WhenAll(opened.Select((accounts, i) => accounts.SaveAsync(Named($"app{i}"), default)));
        Assert.All(await Task.WhenAll(opened.Select(async accounts =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return (await accounts.ListAsync(default)).Count;
        })), count => Assert.Equal(8, count));
        await Task.WhenAll(opened.Select(accounts => accounts.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Under_a_flood_nobody_waits_and_each_attempt_is_kept_or_counted()
    {
        const int Flood = 20_000;
        using (var other = Connect())
        {
            // Nothing can be written while another process does.
            Execute(other, "BEGIN IMMEDIATE");
            for (var i = 0; i < Flood; i++)
            {
                Accounts.Record(Attempt("s", SignInResult.UnknownAccount));
            }

            Execute(other, "ROLLBACK");
        }

        var kept = (await Accounts.SignInsAsync("s", default)).Count;
        await CloseAsync(Accounts);

        Assert.InRange(kept, 4096, Flood - 1);
        Assert.Equal(Flood - kept, log.Of(EventIds.SignInsDropped).Sum(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Attempts_that_cannot_be_written_are_told_of_and_the_accounts_go_on()
    {
        await Accounts.SaveAsync(Named("app"), default);
        Execute("DROP TABLE sign_in");

        Accounts.Record(Attempt("s", SignInResult.SignedIn));

        // After a failure the writer pauses: go on until it has looked again.
        var asked = Accounts.SignInsAsync("s", default).AsTask();
        while (!asked.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<SpoolException>(() => asked);
        Assert.StartsWith("accounts.db cannot be written, 1 attempts to sign in are not kept: ", log.Of(EventIds.SignInsNotWritten).First());
        Assert.NotNull(await Accounts.FindAsync("app", default));
        Accounts.Record(Attempt("s", SignInResult.SignedIn));
    }

    [Fact]
    public async Task Attempts_older_than_30_days_and_locks_that_have_ended_are_swept()
    {
        Accounts.Record(Attempt("old", SignInResult.SignedIn));
        Accounts.Record(Attempt("new", SignInResult.SignedIn) with { At = Start.AddHours(2) });
        await Accounts.LockAsync(new Lock(LockKind.Account, "ended", 20, Start.AddDays(30)), default);
        await Accounts.LockAsync(new Lock(LockKind.Account, "in force", 20, Start.AddDays(30).AddHours(2)), default);
        Assert.Single(await Accounts.SignInsAsync("old", default));

        Time.Advance(TimeSpan.FromDays(30) + TimeSpan.FromHours(1));

        Assert.Empty(await Accounts.SignInsAsync("old", default));
        Assert.Single(await Accounts.SignInsAsync("new", default));
        Assert.Equal("in force", Scalar("SELECT group_concat(subject) FROM lock"));
    }

    [Fact]
    public async Task The_newest_100_000_attempts_and_10_000_locks_are_kept()
    {
        Execute($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100010)
            INSERT INTO sign_in(session, at, mechanism, result) SELECT 's' || i, {Start.ToUnixTimeMilliseconds()}, 'PLAIN', 'signed-in' FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10010)
            INSERT INTO lock SELECT 0, i, 10, {Start.AddDays(1).ToUnixTimeMilliseconds()} + i FROM n;
            """);

        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(await Accounts.SignInsAsync("s10", default));
        Assert.Single(await Accounts.SignInsAsync("s11", default));
        Assert.Equal("100000", Scalar("SELECT count(*) FROM sign_in"));
        Assert.Equal("11 10000", Scalar("SELECT min(CAST(subject AS INTEGER)) || ' ' || count(*) FROM lock"));
    }

    [Fact]
    public async Task Of_a_long_text_500_characters_are_kept()
    {
        Accounts.Record(Attempt("s", SignInResult.UnknownAccount) with { Account = new string('x', 10_000), Detail = new string('y', 501) });

        var kept = Assert.Single(await Accounts.SignInsAsync("s", default));
        Assert.Equal((500, 500), (kept.Account!.Length, kept.Detail!.Length));
    }

    [Fact]
    public async Task A_verdict_of_another_version_is_shown_as_what_it_is()
    {
        Execute("INSERT INTO sign_in(session, at, mechanism, result, detail) VALUES('s', 0, 'PLAIN', 'bewitched', 'by whom')");

        var signIn = Assert.Single(await Accounts.SignInsAsync("s", default));

        Assert.Equal(SignInResult.Unavailable, signIn.Result);
        Assert.Contains("bewitched", signIn.Detail);
    }

    [Fact]
    public async Task An_account_whose_row_makes_no_sense_cannot_sign_in_and_the_others_can()
    {
        await Accounts.SaveAsync(Named("good"), default);
        await Accounts.SaveAsync(Named("bad"), default);
        Execute("UPDATE account SET networks = 'everywhere' WHERE key = 'bad'");
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await Accounts.FindAsync("bad", default));
        Assert.NotNull(await Accounts.FindAsync("good", default));
        Assert.StartsWith("account bad cannot be read", Assert.Single(log.Of(EventIds.AccountUnreadable)));
    }

    [Fact]
    public async Task A_subject_of_tokens_stands_for_one_account_only()
    {
        await Accounts.SaveAsync(Named("first") with { TokenSubject = "abc" }, default);

        await Assert.ThrowsAsync<SpoolException>(() => Accounts.SaveAsync(Named("second") with { TokenSubject = "ABC" }, default));

        Assert.Equal(["first"], (await Accounts.ListAsync(default)).Select(account => account.Name));
    }

    [Fact]
    public async Task When_it_is_closed_questions_fail_and_recording_does_not()
    {
        await CloseAsync(Accounts);

        Accounts.Record(Attempt("s", SignInResult.SignedIn));
        await Assert.ThrowsAsync<SpoolException>(() => Accounts.FindAsync("app", default).AsTask());
        await Assert.ThrowsAsync<SpoolException>(() => Accounts.SignInsAsync("s", default).AsTask());
        await Assert.ThrowsAsync<SpoolException>(() => Accounts.SaveAsync(Named("app"), default));
    }

    [Fact]
    public void A_file_of_another_format_or_of_none_is_told_of_with_its_name()
    {
        Execute("PRAGMA user_version=99");
        var garbage = Directory.CreateDirectory(Path.Combine(folder, "garbage")).FullName;
        File.WriteAllText(Path.Combine(garbage, "accounts.db"), new string('x', 10_000));

        var newer = Assert.Throws<SpoolException>(Open);
        var broken = Assert.Throws<SpoolException>(() => EmbeddedAccounts.Open(garbage, Time, log));
        var blocked = Assert.Throws<SpoolException>(() => EmbeddedAccounts.Open(Path.Combine(garbage, "accounts.db", "x"), Time, log));

        Assert.Equal(SpoolFault.Corrupt, newer.Fault);
        Assert.StartsWith($"cannot open {Database}: it has format 99", newer.Message);
        Assert.Equal(SpoolFault.Corrupt, broken.Fault);
        Assert.StartsWith($"cannot open {Path.Combine(garbage, "accounts.db")}: ", broken.Message);
        Assert.Equal(SpoolFault.Unavailable, blocked.Fault);
    }

    private void Execute(string sql)
    {
        using var connection = Connect();
        Execute(connection, sql);
    }

    private string? Scalar(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class RecordedLog : ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Line)> lines = [];

        public IEnumerable<string> Of(int id) => lines.Where(line => line.Id == id).Select(line => line.Line);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((eventId.Id, formatter(state, exception)));
    }
}
