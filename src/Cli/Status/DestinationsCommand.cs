using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Relay.Delivery.Destinations;

namespace Relay.Cli.Status;

/// <summary><c>relay destinations</c>: how the destinations of mail are doing. The running relay alone knows.</summary>
internal static class DestinationsCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /destinations" };
        var command = new DocumentedCommand(
            "destinations",
            "Show how the destinations of mail are doing: which are backed off, until when and why",
            "relay destinations",
            "relay destinations --json")
        {
            json,
        };
        command.SetAction((parsed, cancel) => globals.Load(parsed, around) is { Options: { } options }
            ? RunAsync(options.Http.Listener, parsed.GetValue(json), around, cancel)
            : Task.FromResult(ExitCodes.Usage));
        return command;
    }

    private static async Task<int> RunAsync(IPEndPoint listener, bool json, Surroundings around, CancellationToken cancel)
    {
        if (listener.Port == 0)
        {
            return around.Fail(ExitCodes.Usage, "the configuration leaves the port of Http:Listener open, so the relay cannot be found");
        }

        try
        {
            using var http = new HttpClient { Timeout = Patience };
            var list = await http.GetFromJsonAsync(
                $"http://{Text.Reachable(listener)}/destinations", DestinationJson.Default.DestinationList, cancel);
            Write(list!, json, around.Out);
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException && !cancel.IsCancellationRequested)
        {
            return around.Fail(ExitCodes.Unreachable,
                $"no answer from http://{listener}: {e.Message}. Does the relay run there? 'relay serve' starts one");
        }
    }

    private static void Write(DestinationList list, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(list, DestinationJson.Default.DestinationList));
            return;
        }

        if (list.Destinations.Count == 0)
        {
            output.WriteLine("Nothing was sent to any destination lately.");
            return;
        }

        List<string[]> rows = [["DESTINATION", "ROUTE", "STATE", "UNTIL", "ATTEMPTS", "TROUBLE"]];
        rows.AddRange(list.Destinations.Select(one => (string[])
        [
            Text.OneLine(one.Host ?? "-"),
            one.Route,
            one.State switch
            {
                DestinationState.BackedOff => "backed off",
                DestinationState.Probing => "probing",
                _ => "open",
            },
            one.Until is { } until ? Text.Time(until) : "",
            $"{one.InFlight} of {one.Limit}",
            Text.OneLine(one.Trouble ?? ""),
        ]));
        Columns.Write(output, rows);
    }
}
