using System.CommandLine;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Cli.Status;

/// <summary><c>relay content ID</c>: the stored bytes of a message.</summary>
internal static class ContentCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var id = MessageIdArgument.Create();
        var command = new DocumentedCommand(
            "content",
            "Write the stored bytes of a message to standard output: what was received, behind the Received: field that Relay added",
            "relay content 019a2b3c4d5e7f8091a2b3c4d5e6f708 > message.eml",
            "relay content 019a2b3c4d5e7f8091a2b3c4d5e6f708 | head -20")
        {
            id,
        };
        command.SetAction((parsed, cancel) => globals.ReadSpoolAsync(parsed, around, (reader, data) =>
            RunAsync(reader, data, MessageIdArgument.Of(parsed, id), around, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(IStatusReader reader, string data, MessageId id, Surroundings around, CancellationToken cancel)
    {
        await using var content = await reader.OpenContentAsync(id, cancel);
        if (content is null)
        {
            return around.Fail(ExitCodes.Negative, $"the content of {id} is not in {data}: it never was, or it was delivered and is no longer kept");
        }

        await using var output = around.OpenOutput();
        await content.CopyToAsync(output, cancel);
        return ExitCodes.Done;
    }
}
