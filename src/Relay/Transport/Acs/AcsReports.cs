using System.Text.Json;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Replies;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Transport.Acs;

/// <summary>
/// Takes what Event Grid tells of mail that Azure Communication Services has sent: each delivery report becomes work for the message
/// that it is about. The same event may come several times.
/// </summary>
public sealed partial class AcsReports(ISpool spool, TimeProvider time, ILogger<AcsReports> log)
{
    /// <summary>Characters of the service's words that are kept.</summary>
    private const int MaxReply = 1000;

    /// <summary>Stands in <see cref="RemoteReport.Source"/>.</summary>
    private const string Source = "acs";

    /// <summary>Takes the events of one request; what they tell is durable when it returns.</summary>
    /// <exception cref="SpoolException">It cannot be stored now: the sender of events is to come again.</exception>
    public async Task<AcsEventsResult> TakeAsync(Stream body, CancellationToken cancel)
    {
        using var json = await ReadAsync(body, cancel);
        if (json is null || AcsEvent.Parse(json.RootElement) is not { } events)
        {
            return AcsEventsResult.Malformed;
        }

        foreach (var told in events)
        {
            if (told.Type.Equals(AcsEvent.Validation, StringComparison.OrdinalIgnoreCase))
            {
                return told.Text("validationCode") is { } code ? new AcsEventsResult(true, code) : AcsEventsResult.Malformed;
            }

            if (told.Type.Equals(AcsEvent.DeliveryReport, StringComparison.OrdinalIgnoreCase))
            {
                await TakeAsync(told, cancel);
            }
        }

        return new AcsEventsResult(true, null);
    }

    private static async Task<JsonDocument?> ReadAsync(Stream body, CancellationToken cancel)
    {
        try
        {
            return await JsonDocument.ParseAsync(body, default, cancel);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task TakeAsync(AcsEvent told, CancellationToken cancel)
    {
        var (operation, word) = (told.Text("messageId") ?? "", told.Text("status") ?? "");
        if (ReportOf(told, word) is not { } report)
        {
            LogUnknown(Shown(operation), Shown(word));
        }
        else if (await FindAsync(operation, cancel) is not { } message || !await spool.ReportAsync(message, report))
        {
            LogOfNone(Shown(operation), report.Action);
        }
    }

    private async Task<MessageId?> FindAsync(string operation, CancellationToken cancel) =>
        AcsOperation.TryCandidates(operation, out var range)
            ? await spool.FindAsync(range.Value.First, range.Value.Last, cancel)
            : null;

    private RemoteReport? ReportOf(AcsEvent told, string word)
    {
        var words = told.Text("deliveryStatusDetails", "statusMessage") is { Length: > 0 } text ? OneLine(text) : null;
        var meaning = word.ToUpperInvariant() switch
        {
            "DELIVERED" => (DsnAction.Delivered, "2.0.0"),
            "EXPANDED" => (DsnAction.Expanded, "2.0.0"),
            "BOUNCED" or "FAILED" => (DsnAction.Failed, "5.0.0"),
            "SUPPRESSED" => (DsnAction.Failed, "5.7.1"),
            "FILTEREDSPAM" or "QUARANTINED" => (DsnAction.Failed, "5.7.1"),
            _ => ((DsnAction, string)?)null,
        };
        if (meaning is not var (action, status) || told.Text("recipient") is not { Length: > 0 } recipient)
        {
            return null;
        }

        return new RemoteReport
        {
            Action = action,
            Address = recipient,
            Status = StatusIn(words, status),
            RemoteHost = told.Text("deliveryStatusDetails", "recipientMailServerHostName") is { Length: > 0 } host ? OneLine(host) : null,
            Reply = words is null ? OneLine(word) : $"{OneLine(word)}: {words}",
            Source = Source,
            At = told.TimeOf("deliveryAttemptTimeStamp") ?? told.At ?? time.GetUtcNow(),
        };
    }

    /// <summary>An enhanced status code among the words, of the class that the report says; otherwise what is given.</summary>
    private static string StatusIn(string? words, string otherwise)
    {
        foreach (var word in (words ?? "").Split([' ', '(', ')', '[', ']', ',', ';', ':', '#', '<', '>', '-'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (EnhancedStatus.TryRead(word, out var status, out var length) && length == word.Length && status.Class == otherwise[0] - '0')
            {
                return word;
            }
        }

        return otherwise;
    }

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxReply ? line : line[..MaxReply] + "…";
    }

    private static string Shown(string text) => OneLine(text.Length > 80 ? text[..80] : text);

    [LoggerMessage(EventIds.AcsReportOfNone, LogLevel.Information, "a delivery report of operation {Operation}, which is none of ours: {Action}")]
    private partial void LogOfNone(string operation, DsnAction? action);

    [LoggerMessage(EventIds.AcsReportUnknown, LogLevel.Warning, "a delivery report of operation {Operation} says what is not known: \"{Status}\"")]
    private partial void LogUnknown(string operation, string status);
}

/// <summary>What became of a request with events.</summary>
/// <param name="IsWellFormed">They could be read.</param>
/// <param name="ValidationCode">What a handshake wants to hear; null where there was none.</param>
public sealed record AcsEventsResult(bool IsWellFormed, string? ValidationCode)
{
    internal static AcsEventsResult Malformed { get; } = new(false, null);
}
