using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Checks.DnsLists;

/// <summary>Tells operators how a list does: each answer in the metric, trouble in the log once until it is over.</summary>
internal sealed partial class DnsListWatch(string zone, ILogger log)
{
    private bool isInTrouble;
    private bool lacksTestEntry;

    public void Saw(DnsListAnswer answer)
    {
        Count(answer.Result);
        var trouble = answer.Result is not (DnsListResult.Listed or DnsListResult.Clean);
        if (Interlocked.Exchange(ref isInTrouble, trouble) == trouble)
        {
            return;
        }

        if (trouble)
        {
            LogTrouble(zone, answer.Result.Word(), answer.Detail);
        }
        else
        {
            LogOver(zone);
        }
    }

    /// <summary>Without its test entry a list may be gone, and its silence worth nothing (RFC 5782 §5).</summary>
    public void SawTestEntry(DnsListKey entry, bool isThere)
    {
        if (!isThere)
        {
            Count(DnsListResult.Broken);
        }

        var wasThere = !Interlocked.Exchange(ref lacksTestEntry, !isThere);
        if (wasThere && !isThere)
        {
            LogNoTestEntry(zone, entry);
        }
    }

    private void Count(DnsListResult result) =>
        RelayTelemetry.DnsLists.Add(1, new("list", zone), new("result", result.Word()));

    [LoggerMessage(EventIds.DnsListInTrouble, LogLevel.Warning, "list {Zone} does not count ({Result}): {Detail}")]
    private partial void LogTrouble(string zone, string result, string? detail);

    [LoggerMessage(EventIds.DnsListAnswers, LogLevel.Information, "list {Zone} answers again")]
    private partial void LogOver(string zone);

    [LoggerMessage(EventIds.DnsListLacksTestEntry, LogLevel.Warning, "list {Zone} does not have its test entry {Entry}, and may be gone")]
    private partial void LogNoTestEntry(string zone, DnsListKey entry);
}
