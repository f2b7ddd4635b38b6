using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Transport.TlsReports;

/// <summary>A report on TLS as it goes to a domain's owner (RFC 8460 §4.4).</summary>
public sealed record TlsReport
{
    /// <summary>Who reports.</summary>
    public required string OrganizationName { get; init; }

    /// <summary>The day.</summary>
    public required TlsReportRange DateRange { get; init; }

    /// <summary>Where the reporter is to be asked.</summary>
    public required string ContactInfo { get; init; }

    /// <summary>The same for the same reporter, day and domain.</summary>
    public required string ReportId { get; init; }

    /// <summary>What happened under each policy.</summary>
    public required IReadOnlyList<TlsReportItem> Policies { get; init; }

    /// <summary>Makes the report of a day for one domain.</summary>
    /// <param name="reporter">Our host name.</param>
    public static TlsReport Of(string reporter, DateOnly day, string domain, IEnumerable<TlsCount> counts) => new()
    {
        OrganizationName = reporter,
        DateRange = new(
            new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
            new DateTimeOffset(day, new TimeOnly(23, 59, 59), TimeSpan.Zero)),
        ContactInfo = $"postmaster@{reporter}",
        ReportId = $"{day:yyyy-MM-dd}.{domain}@{reporter}",
        Policies = [.. counts.GroupBy(count => Key(count.Record.Policy)).Select(group => TlsReportItem.Of(domain, [.. group]))],
    };

    /// <summary>As RFC 8460 §4.4 has it, on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TlsReportJson.Default.TlsReport);

    private static string Key(TlsRecordPolicy policy) => $"{policy.Type}\n{string.Join('\n', policy.Text)}\n\n{string.Join('\n', policy.Mx)}";
}

/// <summary>From the first to the last second.</summary>
public sealed record TlsReportRange(DateTimeOffset StartDatetime, DateTimeOffset EndDatetime);

/// <summary>What happened under one policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Summary">How many sessions went well, and how many did not.</param>
/// <param name="FailureDetails">What went wrong; null where nothing did.</param>
public sealed record TlsReportItem(TlsReportPolicy Policy, TlsReportSummary Summary, IReadOnlyList<TlsReportFailure>? FailureDetails)
{
    internal static TlsReportItem Of(string domain, IReadOnlyList<TlsCount> counts)
    {
        var policy = counts[0].Record.Policy;
        var failures = counts.Where(count => count.Record.Failure is not null).ToArray();
        return new TlsReportItem(
            new TlsReportPolicy(
                policy.Type, policy.Text.Count > 0 ? policy.Text : null, domain, policy.Mx.Count > 0 ? policy.Mx : null),
            new TlsReportSummary(counts.Except(failures).Sum(count => count.Count), failures.Sum(count => count.Count)),
            failures.Length == 0 ? null : [.. failures.Select(count => TlsReportFailure.Of(count.Record.Failure!, count.Count))]);
    }
}

/// <summary>A policy in a report.</summary>
public sealed record TlsReportPolicy(
    TlsPolicyType PolicyType, IReadOnlyList<string>? PolicyString, string PolicyDomain, IReadOnlyList<string>? MxHost);

/// <summary>Counts of a policy.</summary>
public sealed record TlsReportSummary(long TotalSuccessfulSessionCount, long TotalFailureSessionCount);

/// <summary>Failures of one kind in a report.</summary>
public sealed record TlsReportFailure(
    TlsResult ResultType, string? SendingMtaIp, string? ReceivingMxHostname, string? ReceivingIp, long FailedSessionCount, string? FailureReasonCode)
{
    internal static TlsReportFailure Of(TlsRecordFailure failure, long count) =>
        new(failure.Result, failure.SendingAddress, failure.Host, failure.Address, count, failure.Reason);
}

/// <summary>With the names of RFC 8460 §4.4.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(TlsReport))]
internal sealed partial class TlsReportJson : JsonSerializerContext;
