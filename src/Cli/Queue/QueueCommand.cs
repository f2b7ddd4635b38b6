using System.CommandLine;
using System.Text.Json;
using Relay.Cli.Status;
using Relay.Spool;
using Relay.Status;

namespace Relay.Cli.Queue;

/// <summary><c>relay queue</c>: what waits to be delivered. It reads the data folder, beside a running relay or without one.</summary>
internal static class QueueCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        Option<string>[] filters =
        [
            QueryOptions.Filter("--domain", "DOMAIN", "Only mail for this domain"),
            QueryOptions.Filter("--order", "ORDER", "due: what is tried next comes first; age: the oldest comes first [default: due]"),
            QueryOptions.Filter("--limit", "N", $"Entries at most, up to {QueueQuery.MaxLimit} [default: {new QueueQuery().Limit}]"),
            QueryOptions.Filter("--cursor", "CURSOR", "Go on where the page before ended"),
        ];
        var deferred = new Option<bool>("--deferred") { Description = "Only what was tried in vain and is tried again" };
        var held = new Option<bool>("--held") { Description = "Only what an operator holds" };
        var stuck = new Option<bool>("--stuck") { Description = "Only what was set aside because it could not be done; 'relay retry' brings it back" };
        var summary = new Option<bool>("--summary") { Description = "Show how much there is for each domain" };
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /queue and GET /queue/summary" };
        var command = new DocumentedCommand(
            "queue",
            "Show the mail that is not delivered yet: what waits, was deferred, is held or stuck",
            "relay queue",
            "relay queue --deferred --domain example.com",
            "relay queue --summary")
        {
            deferred,
            held,
            stuck,
            summary,
            json,
        };
        Array.ForEach(filters, command.Options.Add);
        command.Validators.Add(result =>
        {
            var states = new[] { deferred, held, stuck }.Count(result.GetValue);
            if (result.GetValue(summary) && (states > 0 || filters.Any(filter => result.GetResult(filter) is not null)))
            {
                result.AddError("--summary shows the whole queue and takes no filters");
            }
            else if (states > 1)
            {
                result.AddError("give one of --deferred, --held and --stuck");
            }
        });
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(summary))
            {
                return globals.ReadSpoolAsync(parsed, around, (reader, _) => SummarizeAsync(reader, parsed.GetValue(json), around, cancel));
            }

            var (query, faults) = QueueQueryParser.Parse(filters.Where(filter => parsed.GetResult(filter) is not null)
                .Select(filter => KeyValuePair.Create(filter.Name.TrimStart('-'), parsed.GetValue(filter) ?? "")));
            QueueState? state = parsed.GetValue(deferred) ? QueueState.Deferred : parsed.GetValue(held) ? QueueState.Held
                : parsed.GetValue(stuck) ? QueueState.SetAside : null;
            return query is null
                ? Task.FromResult(QueryOptions.WrongUsage(faults, around))
                : globals.ReadSpoolAsync(parsed, around, (reader, _) =>
                    ShowAsync(reader, query with { State = state }, parsed.GetValue(json), around, cancel));
        });
        return command;
    }

    private static async Task<int> ShowAsync(IStatusReader reader, QueueQuery query, bool json, Surroundings around, CancellationToken cancel)
    {
        QueuePage page;
        try
        {
            page = await ReadAsync(reader, query, cancel);
        }
        catch (FormatException)
        {
            return around.Fail(ExitCodes.Usage, "--cursor: is not one that a page of the same question had");
        }

        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(page, StatusJson.Default.QueuePage));
        }
        else
        {
            QueueText.Write(around.Out, page);
        }

        return ExitCodes.Done;
    }

    /// <summary>A page may hold less than there is: it looks at so much and no more. Here we go on until we have what was asked for.</summary>
    private static async Task<QueuePage> ReadAsync(IStatusReader reader, QueueQuery query, CancellationToken cancel)
    {
        var entries = new List<QueueEntry>();
        while (true)
        {
            var page = await reader.QueueAsync(query with { Limit = query.Limit - entries.Count }, cancel);
            entries.AddRange(page.Entries);
            if (page.Cursor is null || entries.Count == query.Limit)
            {
                return new QueuePage(entries, page.Cursor);
            }

            query = query with { Cursor = page.Cursor };
        }
    }

    private static async Task<int> SummarizeAsync(IStatusReader reader, bool json, Surroundings around, CancellationToken cancel)
    {
        var summary = await reader.QueueSummaryAsync(cancel);
        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(summary, StatusJson.Default.QueueSummary));
        }
        else
        {
            QueueText.Write(around.Out, summary);
        }

        return ExitCodes.Done;
    }
}
