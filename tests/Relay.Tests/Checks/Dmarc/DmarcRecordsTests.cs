using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks.Dmarc;
using Relay.Checks.Dmarc.Embedded;
using Relay.Spool;
using Relay.Sqlite;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Checks.Dmarc;

public sealed class DmarcRecordsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 23, 59, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = new(2026, 1, 2);

    private readonly string folder = Directory.CreateTempSubdirectory("relay-dmarc-").FullName;
    private readonly FakeTimeProvider time = new(Start);
    private readonly RecordingLog<EmbeddedDmarcRecords> log = new();
    private EmbeddedDmarcRecords records;

    public DmarcRecordsTests() => records = Open();

    private string Database => Path.Combine(folder, "dmarc.db");

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await records.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Messages_that_are_alike_are_counted_together()
    {
        records.Add(Record("example.org"));
        records.Add(Record("example.org") with { SourceAddress = "2001:db8::1" });
        records.Add(Record("example.org") with { At = Start.AddSeconds(30), Policy = DmarcPolicy.Reject });

        var read = await ReadAsync(Today, "example.org");

        Assert.Equal([("192.0.2.9", 2), ("2001:db8::1", 1)], read.Select(row => (row.Record.SourceAddress, row.Count)));
    }

    [Fact]
    public async Task All_that_a_report_tells_comes_back()
    {
        var record = Record("example.org") with
        {
            Override = DmarcOverride.LocalPolicy,
            OverrideComment = "arc=pass as[1].d=lists.example.net",
            Dkim = [new DmarcDkim("example.org", "s1", "fail", true), new DmarcDkim("example.net", "s2", "pass", false)],
        };
        records.Add(record);

        var read = Assert.Single(await ReadAsync(Today, "example.org")).Record;

        Assert.Equal(record.Dkim, read.Dkim);
        Assert.Equal(record with { At = Start.Date.ToUniversalTime(), Dkim = read.Dkim }, read);
    }

    [Fact]
    public async Task Days_are_those_of_utc()
    {
        records.Add(Record("example.org"));
        records.Add(Record("example.net") with { At = new DateTimeOffset(2026, 1, 2, 23, 30, 0, TimeSpan.FromHours(-1)) });

        Assert.Equal(["example.org"], await records.PolicyDomainsAsync(Today, TestContext.Current.CancellationToken));
        Assert.Equal(["example.net"], await records.PolicyDomainsAsync(Today.AddDays(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task They_are_there_after_a_restart_and_counted_on()
    {
        records.Add(Record("example.org"));
        await records.DisposeAsync();
        records = Open();
        records.Add(Record("example.org"));

        Assert.Equal(2, Assert.Single(await ReadAsync(Today, "example.org")).Count);
    }

    [Fact]
    public async Task Days_older_than_30_days_are_swept()
    {
        records.Add(Record("example.org"));
        records.Add(Record("example.org") with { At = Start.AddDays(1) });
        Assert.Single(await ReadAsync(Today, "example.org"));

        time.Advance(TimeSpan.FromDays(31));

        Assert.Empty(await ReadAsync(Today, "example.org"));
        Assert.Single(await ReadAsync(Today.AddDays(1), "example.org"));
    }

    [Fact]
    public async Task One_domain_gets_so_many_rows_a_day_and_known_kinds_are_counted_on()
    {
        Fill("INSERT INTO record SELECT '2026-01-02', 'flood.example', i, 1 FROM n", DailyCounts.MaxRowsPerDomain - 1);

        records.Add(Record("flood.example"));
        records.Add(Record("flood.example") with { SourceAddress = "192.0.2.10" });
        records.Add(Record("flood.example"));
        records.Add(Record("example.org"));
        await records.DisposeAsync();

        Assert.Equal(DailyCounts.MaxRowsPerDomain, Scalar("SELECT count(*) FROM record WHERE policy_domain = 'flood.example'"));
        Assert.Equal(2, Scalar("SELECT max(count) FROM record"));
        Assert.Equal(1, Scalar("SELECT count(*) FROM record WHERE policy_domain = 'example.org'"));
        Assert.StartsWith("1 messages are not kept", Assert.Single(log.Lines, line => line.Event == EventIds.DmarcRecordsDropped).Text);
    }

    [Fact]
    public async Task All_domains_together_get_so_many_rows_a_day()
    {
        Fill("INSERT INTO record SELECT '2026-01-02', i, '{}', 1 FROM n", DailyCounts.MaxRows);

        records.Add(Record("example.org"));
        records.Add(Record("example.org") with { At = Start.AddDays(1) });

        Assert.Empty(await ReadAsync(Today, "example.org"));
        Assert.Single(await ReadAsync(Today.AddDays(1), "example.org"));
    }

    [Fact]
    public async Task Under_a_flood_nobody_waits_and_each_message_is_kept_or_counted()
    {
        const int Flood = 20_000;
        using (var other = Connect())
        {
            // Nothing can be written while another process does.
            Execute(other, "BEGIN IMMEDIATE");
            for (var i = 0; i < Flood; i++)
            {
                records.Add(Record("example.org"));
            }

            Execute(other, "ROLLBACK");
        }

        await records.DisposeAsync();

        var kept = Scalar("SELECT sum(count) FROM record");
        Assert.InRange(kept, 4096, Flood - 1);
        Assert.Equal(Flood - kept, log.Lines.Where(line => line.Event == EventIds.DmarcRecordsDropped)
            .Sum(line => long.Parse(line.Text.Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_of_and_it_goes_on()
    {
        using (var other = Connect())
        {
            Execute(other, "ALTER TABLE record RENAME TO away");
            records.Add(Record("example.org"));
            var written = records.PolicyDomainsAsync(Today, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<SpoolException>(() => written);
            Execute(other, "ALTER TABLE away RENAME TO record");
        }

        Assert.StartsWith("dmarc.db cannot be written, 1 messages", Assert.Single(log.Lines).Text);
        records.Add(Record("example.org"));
        var read = ReadAsync(Today, "example.org");
        while (!read.IsCompleted)
        {
            // After a failure the writer pauses: go on until it has looked again.
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Single(await read);
    }

    [Fact]
    public void The_file_is_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes");
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Database));
    }

    private static DmarcRecord Record(string policyDomain) => new()
    {
        At = Start,
        PolicyDomain = policyDomain,
        Published = new(DmarcPolicy.Reject, DmarcPolicy.None, null, DmarcAlignment.Strict, DmarcAlignment.Relaxed, true, "1"),
        SourceAddress = "192.0.2.9",
        HeaderFrom = $"mail.{policyDomain}",
        EnvelopeFrom = "example.net",
        EnvelopeTo = "rcpt.example",
        Disposition = DmarcDisposition.Quarantine,
        Spf = new("example.net", "pass", false),
    };

    private EmbeddedDmarcRecords Open() => EmbeddedDmarcRecords.Open(folder, time, log);

    private Task<IReadOnlyList<DmarcCount>> ReadAsync(DateOnly day, string domain) =>
        records.ReadAsync(day, domain, TestContext.Current.CancellationToken);

    /// <summary>Makes rows, by a query over the numbers <c>i</c> of <c>n</c>.</summary>
    private void Fill(string sql, int rows)
    {
        using var connection = Connect();
        Execute(connection, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) {sql}");
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

    private long Scalar(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
