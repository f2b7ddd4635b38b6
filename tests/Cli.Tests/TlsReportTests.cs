using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Transport.TlsReports;

namespace Relay.Cli.Tests;

public sealed class TlsReportTests : IDisposable
{
    private readonly CommandLine relay = new();

    public TlsReportTests() => relay.Environment["Relay__HostName"] = "mail.example.org";

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task What_is_kept_of_a_day_is_shown_and_reported()
    {
        var data = Path.Combine(relay.Folder, "data");
        await using (var records = EmbeddedTlsRecords.Open(data, TimeProvider.System, NullLogger.Instance))
        {
            var at = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
            records.Add(new TlsRecord { At = at, Domain = "example.com", Policy = TlsRecordPolicy.NotFound });
            records.Add(new TlsRecord
            {
                At = at,
                Domain = "example.com",
                Policy = new(TlsPolicyType.Sts, ["version: STSv1"], ["mx.example.com"]),
                Failure = new(TlsResult.CertificateExpired, "192.0.2.1", "mx.example.com", "198.51.100.1"),
            });
        }

        var shown = await relay.RunAsync("tls-report", "2026-01-31", "--data", data);
        var json = await relay.RunAsync("tls-report", "2026-01-31", "--data", data, "--domain", "Example.com", "--json");
        var none = await relay.RunAsync("tls-report", "2026-01-30", "--data", data);

        Assert.Equal(ExitCodes.Done, shown.ExitCode);
        Assert.Equal(
            ["DOMAIN POLICY RESULT SESSIONS HOST", "example.com no-policy-found ok 1", "example.com sts ok 0", "example.com sts certificate-expired 1 mx.example.com"],
            shown.Out.TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Order(StringComparer.Ordinal)
                .OrderBy(line => line.Contains("sts")).ThenBy(line => line.Contains("expired")));
        Assert.Equal("mail.example.org", JsonDocument.Parse(json.Out).RootElement.GetProperty("organization-name").GetString());
        Assert.Equal("No sessions are kept of that day.", none.Out.TrimEnd());
    }

    [Fact]
    public async Task A_wrong_day_is_wrong_usage_and_a_wrong_folder_is_told()
    {
        Assert.Equal(ExitCodes.Usage, (await relay.RunAsync("tls-report", "yesterday")).ExitCode);
        Assert.Equal(ExitCodes.Unreachable, (await relay.RunAsync("tls-report", "2026-01-31")).ExitCode);
    }
}
