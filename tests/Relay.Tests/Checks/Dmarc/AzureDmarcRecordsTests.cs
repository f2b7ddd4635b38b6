using Microsoft.Extensions.Time.Testing;
using Relay.Checks.Dmarc;
using Relay.Checks.Dmarc.Azure;
using Relay.Spool;
using Relay.Support;

namespace Relay.Tests.Checks.Dmarc;

public sealed class AzureDmarcRecordsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 23, 59, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = new(2026, 1, 2);

    private readonly FakeTimeProvider time = new(Start);
    private readonly RecordingLog<AzureDmarcRecords> log = new();
    private AzuriteStore store = null!;

    public async ValueTask InitializeAsync() => store = await AzuriteStore.NewAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task What_several_instances_count_is_added_up()
    {
        await using var other = Open();
        await using (var records = Open())
        {
            records.Add(Record("example.org"));
            records.Add(Record("example.org") with { SourceAddress = "2001:db8::1" });
            await records.PolicyDomainsAsync(Today, default);
            records.Add(Record("example.org") with { At = Start.AddSeconds(30), Policy = DmarcPolicy.Reject });
            records.Add(Record("example.net"));
            records.Add(Record("example.net") with { At = Start.AddDays(1) });
        }

        other.Add(Record("example.org"));

        Assert.Equal([("192.0.2.9", 3), ("2001:db8::1", 1)], (await other.ReadAsync(Today, "example.org", default)).Select(row => (row.Record.SourceAddress, row.Count)));
        Assert.Equal(["example.net", "example.org"], await other.PolicyDomainsAsync(Today, default));
        Assert.Equal(["example.net"], await other.PolicyDomainsAsync(Today.AddDays(1), default));
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_of_and_written_later()
    {
        await using var records = Open();
        await store.Table.DeleteAsync();
        records.Add(Record("example.org"));
        await Assert.ThrowsAnyAsync<SpoolException>(async () =>
        {
            await records.PolicyDomainsAsync(Today, default);
            Assert.Single(log.Lines);
            throw new SpoolException(SpoolFault.Unavailable, "told");
        });
        await store.Table.CreateAsync();

        Assert.Equal(1, Assert.Single(await records.ReadAsync(Today, "example.org", default)).Count);
    }

    [Fact]
    public async Task Days_older_than_30_days_are_swept()
    {
        await using var records = Open();
        records.Add(Record("example.org"));
        records.Add(Record("example.org") with { At = Start.AddDays(2) });
        Assert.Single(await records.ReadAsync(Today, "example.org", default));
        time.Advance(TimeSpan.FromDays(32));

        await records.SweepAsync(default);

        Assert.Empty(await records.ReadAsync(Today, "example.org", default));
        Assert.Single(await records.ReadAsync(Today.AddDays(2), "example.org", default));
    }

    private AzureDmarcRecords Open() => new(store.Table, time, log);

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
}
