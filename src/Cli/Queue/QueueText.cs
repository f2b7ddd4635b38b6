using Relay.Cli.Status;
using Relay.Status;

namespace Relay.Cli.Queue;

/// <summary>The queue for people.</summary>
internal static class QueueText
{
    private const int SenderWidth = 20;
    private const int RecipientWidth = 24;
    private const int ReplyWidth = 50;

    public static void Write(TextWriter output, QueuePage page)
    {
        if (page.Entries.Count == 0)
        {
            output.WriteLine("Nothing is queued.");
            return;
        }

        List<string[]> rows = [["ACCEPTED", "ID", "STATE", "NEXT", "FROM", "TO", "LAST"]];
        rows.AddRange(page.Entries.Select(Row));
        Columns.Write(output, rows);
        if (page.Cursor is not null)
        {
            output.WriteLine($"There are more: --limit shows more at once, --cursor {page.Cursor} goes on from here.");
        }
    }

    public static void Write(TextWriter output, QueueSummary summary)
    {
        if (summary.Total == 0)
        {
            output.WriteLine("Nothing is queued.");
            return;
        }

        List<string[]> rows = [["DOMAIN", "ROUTE", "WAITING", "HELD", "STUCK", "OLDEST", "NEXT"]];
        rows.AddRange(summary.Destinations.Select(destination => new[]
        {
            Text.OneLine(destination.Domain), string.Join(",", destination.Routes), $"{destination.Waiting}", $"{destination.Held}",
            $"{destination.SetAside}", Text.Time(destination.OldestAt), destination.NextAt is { } next ? Text.Time(next) : "",
        }));
        Columns.Write(output, rows);
        output.WriteLine($"{summary.Total} in all" + (summary.NotLookedAt > 0 ? $", {summary.NotLookedAt} of them too new to be counted by domain." : "."));
    }

    private static string[] Row(QueueEntry entry)
    {
        var first = entry.Recipients.Count == 0 ? "" : Text.OneLine(entry.Recipients[0].Address);
        var more = entry.Recipients.Count > 1 ? $" +{entry.Recipients.Count - 1}" : "";
        return
        [
            Text.Time(entry.AcceptedAt), entry.Id, Word(entry.State), entry.State is QueueState.Queued or QueueState.Deferred ? Text.Time(entry.DueAt) : "",
            Text.Short(StatusText.Sender(entry.Sender), SenderWidth), Text.Short(first, RecipientWidth - more.Length) + more,
            Text.Short(Text.OneLine(entry.Recipients.Count == 0 ? "" : entry.Recipients[0].Reply ?? ""), ReplyWidth),
        ];
    }

    private static string Word(QueueState state) => state switch
    {
        QueueState.Queued => "queued",
        QueueState.Deferred => "deferred",
        QueueState.Held => "held",
        _ => "stuck",
    };
}
