using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Telemetry;
using Relay.Transport.TlsReports;

namespace Relay.Cli.Reports;

/// <summary><c>relay tls-report DAY</c>: how TLS with the mail hosts of each domain went (RFC 8460).</summary>
internal static class TlsReportCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var day = new Argument<string>("DAY") { Description = "The day in UTC, such as 2026-01-31" };
        var domain = new Option<string?>("--domain") { HelpName = "DOMAIN", Description = "A recipients' domain, in ASCII [default: all]" };
        var json = new Option<bool>("--json") { Description = "For programs: the report of each domain as RFC 8460 has it, one on a line" };
        var command = new DocumentedCommand(
            "tls-report",
            "Show how TLS with the mail hosts of other domains went on a day",
            "relay tls-report 2026-01-31",
            "relay tls-report 2026-01-31 --domain example.org --json")
        {
            day,
            domain,
            json,
        };
        day.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !TryDay(result.Tokens[0].Value, out _))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not a day such as 2026-01-31");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            if (globals.Load(parsed, around) is not { Options: { } options })
            {
                return ExitCodes.Usage;
            }

            TryDay(parsed.GetValue(day)!, out var date);
            if (options.Spool == SpoolKind.Azure)
            {
                return await GlobalOptions.UseAzureAsync(options, around, (stores, _) => ReportAsync(stores.TlsRecords));
            }

            if (!EmbeddedTlsRecords.ExistIn(options.Data))
            {
                return around.Fail(ExitCodes.Unreachable, $"nothing is kept for TLS reports in {options.Data}: name the relay's data folder with --data");
            }

            using var lines = new LineLoggerProvider(around.Error, around.Time);
            using var logs = lines.CreateFactory(LogLevel.Warning);
            await using var records = EmbeddedTlsRecords.Open(options.Data, around.Time, logs.CreateLogger<EmbeddedTlsRecords>());
            return await ReportAsync(records);

            Task<int> ReportAsync(ITlsRecords kept) =>
                TlsReportCommand.ReportAsync(kept, options, date, parsed.GetValue(domain), parsed.GetValue(json), around, cancel);
        });
        return command;
    }

    private static async Task<int> ReportAsync(
        ITlsRecords records, RelayOptions options, DateOnly day, string? domain, bool json, Surroundings around, CancellationToken cancel)
    {
        var domains = domain is not null ? [domain.ToLowerInvariant()] : await records.DomainsAsync(day, cancel);
        var reports = new List<TlsReport>();
        foreach (var name in domains)
        {
            reports.Add(TlsReport.Of(options.HostName, day, name, await records.ReadAsync(day, name, cancel)));
        }

        Write(around.Out, reports, json);
        return ExitCodes.Done;
    }

    private static bool TryDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static void Write(TextWriter output, List<TlsReport> reports, bool json)
    {
        if (json)
        {
            reports.ForEach(report => output.WriteLine(report.ToJson()));
            return;
        }

        List<string[]> rows = [["DOMAIN", "POLICY", "RESULT", "SESSIONS", "HOST"]];
        foreach (var item in reports.SelectMany(report => report.Policies))
        {
            string[] Row(string result, long sessions, string? host = null) =>
                [Text.OneLine(item.Policy.PolicyDomain), item.Policy.PolicyType.Word(), result, $"{sessions}", Text.OneLine(host ?? "")];
            rows.Add(Row("ok", item.Summary.TotalSuccessfulSessionCount));
            rows.AddRange((item.FailureDetails ?? []).Select(failure => Row(failure.ResultType.Word(), failure.FailedSessionCount, failure.ReceivingMxHostname)));
        }

        if (rows.Count == 1)
        {
            output.WriteLine("No sessions are kept of that day.");
            return;
        }

        Columns.Write(output, rows);
    }
}
