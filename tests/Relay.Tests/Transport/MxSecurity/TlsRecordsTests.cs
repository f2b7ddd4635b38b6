using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Relay.Support;
using Relay.Transport.TlsReports;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>What is kept for reports, and the report (RFC 8460 §4.4).</summary>
public sealed class TlsRecordsTests : IDisposable
{
    private static readonly DateOnly Today = new(2026, 1, 2);
    private static readonly TlsRecordPolicy Sts = new(TlsPolicyType.Sts, ["version: STSv1", "mode: testing", "mx: *.example.com", "max_age: 86400"], ["*.example.com"]);

    private readonly string folder = Directory.CreateTempSubdirectory("relay-tls-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Sessions_that_are_alike_are_counted_together_and_survive_a_restart()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using (var records = EmbeddedTlsRecords.Open(folder, time, new RecordingLog<TlsRecord>()))
        {
            Fill(records);
        }

        await using var again = EmbeddedTlsRecords.Open(folder, time, new RecordingLog<TlsRecord>());

        Assert.Equal(["example.com", "example.net"], await again.DomainsAsync(Today, cancel));
        var counts = await again.ReadAsync(Today, "example.com", cancel);
        Assert.Equal([3, 2, 1, 1], counts.Select(count => count.Count));
        Assert.Equal(TlsResult.CertificateExpired, counts[1].Record.Failure!.Result);
        Assert.Empty(await again.DomainsAsync(Today.AddDays(1), cancel));
    }

    [Fact]
    public async Task The_report_is_as_the_RFC_has_it()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var records = EmbeddedTlsRecords.Open(folder, time, new RecordingLog<TlsRecord>());
        Fill(records);

        var json = JsonDocument.Parse(
            TlsReport.Of("relay.example", Today, "example.com", await records.ReadAsync(Today, "example.com", cancel)).ToJson()).RootElement;

        Assert.Equal("relay.example", json.GetProperty("organization-name").GetString());
        Assert.Equal("2026-01-02T00:00:00+00:00", json.GetProperty("date-range").GetProperty("start-datetime").GetString());
        Assert.Equal("2026-01-02T23:59:59+00:00", json.GetProperty("date-range").GetProperty("end-datetime").GetString());
        Assert.Equal("postmaster@relay.example", json.GetProperty("contact-info").GetString());
        Assert.Equal("2026-01-02.example.com@relay.example", json.GetProperty("report-id").GetString());
        var policies = json.GetProperty("policies");
        Assert.Equal(2, policies.GetArrayLength());
        var sts = policies.EnumerateArray().Single(item => item.GetProperty("policy").GetProperty("policy-type").GetString() == "sts");
        Assert.Equal(
            """{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: *.example.com","max_age: 86400"],"policy-domain":"example.com","mx-host":["*.example.com"]}""",
            Compact(sts.GetProperty("policy")));
        Assert.Equal("""{"total-successful-session-count":3,"total-failure-session-count":3}""", Compact(sts.GetProperty("summary")));
        Assert.Equal(
            """[{"result-type":"certificate-expired","sending-mta-ip":"192.0.2.1","receiving-mx-hostname":"mx.example.com","receiving-ip":"198.51.100.1","failed-session-count":2},{"result-type":"sts-policy-fetch-error","failed-session-count":1}]""",
            Compact(sts.GetProperty("failure-details")));
        var none = policies.EnumerateArray().Single(item => item.GetProperty("policy").GetProperty("policy-type").GetString() == "no-policy-found");
        Assert.False(none.TryGetProperty("failure-details", out _));
        Assert.False(none.GetProperty("policy").TryGetProperty("policy-string", out _));
    }

    private void Fill(EmbeddedTlsRecords records)
    {
        var at = time.GetUtcNow();
        TlsRecord Of(TlsRecordPolicy policy, TlsRecordFailure? failure = null, string domain = "example.com") =>
            new() { At = at, Domain = domain, Policy = policy, Failure = failure };
        records.Add(Of(Sts));
        records.Add(Of(Sts));
        records.Add(Of(Sts));
        records.Add(Of(Sts, new(TlsResult.CertificateExpired, "192.0.2.1", "mx.example.com", "198.51.100.1")));
        records.Add(Of(Sts, new(TlsResult.CertificateExpired, "192.0.2.1", "mx.example.com", "198.51.100.1")));
        records.Add(Of(Sts, new(TlsResult.StsPolicyFetchError)));
        records.Add(Of(TlsRecordPolicy.NotFound));
        records.Add(Of(TlsRecordPolicy.NotFound, domain: "example.net"));
    }

    private static string Compact(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            element.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
