using System.CommandLine;
using System.Text.Json;
using Relay.Spool;
using Relay.Status;

namespace Relay.Cli.Status;

/// <summary><c>relay list</c>: messages, newest first.</summary>
internal static class ListCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        Option<string>[] filters =
        [
            QueryOptions.Filter("--since", "TIME", $"Accepted at or after: {StatusQueryParser.AllowedTime}"),
            QueryOptions.Filter("--until", "TIME", "Accepted before"),
            QueryOptions.Filter("--state", "STATE", $"A recipient is in this state: {StatusQueryParser.AllowedStates}"),
            QueryOptions.Filter("--sender", "ADDRESS", "The reverse-path; <> for the null one"),
            QueryOptions.Filter("--recipient", "ADDRESS", "One of the recipients"),
            QueryOptions.Filter("--limit", "N", $"Messages at most, up to {StatusQuery.MaxLimit} [default: {new StatusQuery().Limit}]"),
            QueryOptions.Filter("--cursor", "CURSOR", "Go on where the page before ended"),
        ];
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /messages" };
        var command = new DocumentedCommand(
            "list",
            "Show messages, newest first, all or those that match",
            "relay list",
            "relay list --state deferred --since 1d",
            "relay list --recipient someone@example.com --json | jq -r '.messages[].id'")
        {
            json,
        };
        Array.ForEach(filters, command.Options.Add);
        command.SetAction((parsed, cancel) =>
        {
            var given = filters.Where(filter => parsed.GetResult(filter) is not null)
                .Select(filter => KeyValuePair.Create(filter.Name.TrimStart('-'), parsed.GetValue(filter) ?? ""));
            var (query, faults) = StatusQueryParser.Parse(given, around.Time);
            return query is null
                ? Task.FromResult(QueryOptions.WrongUsage(faults, around))
                : globals.ReadSpoolAsync(parsed, around, (reader, _) => RunAsync(reader, query, parsed.GetValue(json), around, cancel));
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IStatusReader reader, StatusQuery query, bool json, Surroundings around, CancellationToken cancel)
    {
        StatusPage page;
        try
        {
            page = await reader.SearchAsync(query, cancel);
        }
        catch (FormatException)
        {
            return around.Fail(ExitCodes.Usage, "--cursor: is not one that a page before had");
        }

        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(page, StatusJson.Default.StatusPage));
        }
        else
        {
            ListText.Write(around.Out, page);
        }

        return ExitCodes.Done;
    }
}
