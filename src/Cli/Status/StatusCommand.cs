using System.CommandLine;
using System.Text.Json;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Cli.Status;

/// <summary><c>relay status ID</c>: what became of one message.</summary>
internal static class StatusCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var id = MessageIdArgument.Create();
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /messages/{id}" };
        var command = new DocumentedCommand(
            "status",
            "Show what became of a message: each recipient's state, and what happened when",
            "relay status 019a2b3c4d5e7f8091a2b3c4d5e6f708",
            "relay status 019a2b3c4d5e7f8091a2b3c4d5e6f708 --json | jq '.recipients[].state'")
        {
            id,
            json,
        };
        command.SetAction((parsed, cancel) => globals.ReadSpoolAsync(parsed, around, (reader, data) =>
            RunAsync(reader, data, MessageIdArgument.Of(parsed, id), parsed.GetValue(json), around, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(
        IStatusReader reader, string data, MessageId id, bool json, Surroundings around, CancellationToken cancel)
    {
        if (await reader.StatusAsync(id, cancel) is not { } status)
        {
            return around.Fail(ExitCodes.Negative, $"there is no message {id} in {data}: 'relay list' shows those that there are");
        }

        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(status, StatusJson.Default.MessageStatus));
        }
        else
        {
            StatusText.Write(around.Out, status);
        }

        return ExitCodes.Done;
    }
}
