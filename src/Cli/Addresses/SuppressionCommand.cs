using System.CommandLine;
using System.Text.Json;
using Relay.Addresses;

namespace Relay.Cli.Addresses;

/// <summary><c>relay suppression</c>: addresses to which no mail is sent.</summary>
internal static class SuppressionCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around) => new DocumentedCommand(
        "suppression",
        "Add, show and remove addresses to which no mail is sent; a running relay sees a change within a second",
        "relay suppression list",
        "relay suppression remove user@example.com")
    {
        Add(globals, around),
        Remove(globals, around),
        List(globals, around),
    };

    private static DocumentedCommand Add(GlobalOptions globals, Surroundings around)
    {
        var address = new Argument<string>("ADDRESS") { Description = AddressParser.AllowedRecipient };
        var reason = new Option<string?>("--reason")
        {
            HelpName = "TEXT",
            Description = $"Why, for whoever asks later: {AddressParser.AllowedReason} [default: {AddressParser.AddedByHand}]",
        };
        var @for = new Option<string?>("--for")
        {
            HelpName = "TIME",
            Description = $"How long: {AddressParser.AllowedTime} [default: for ever]",
        };
        var json = new Option<bool>("--json") { Description = "For programs: the entry as it is kept" };
        var command = new DocumentedCommand(
            "add",
            "Send no mail to an address from now on, or say anew why and how long; recipients are refused at once",
            "relay suppression add user@example.com",
            "relay suppression add user@example.com --reason 'asked for no more mail' --for 30d")
        {
            address,
            reason,
            @for,
            json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var (entry, faults) = AddressParser.Suppression(
                parsed.GetValue(address)!, parsed.GetValue(reason), parsed.GetValue(@for), around.Time.GetUtcNow());
            return entry is null
                ? AddressFaults.Tell(around, faults, ("address", "ADDRESS"), ("reason", "--reason"), ("for", "--for"))
                : await globals.UseAddressesAsync(parsed, around, mayCreate: true, use: async (book, _, _) =>
                {
                    await book.SuppressAsync(entry, cancel);
                    around.Out.WriteLine(parsed.GetValue(json)
                        ? JsonSerializer.Serialize(entry, AddressesJson.Default.Suppression)
                        : $"No mail is sent to {Text.OneLine(entry.Address)} {Until(entry)}.");
                    return ExitCodes.Done;
                });
        });
        return command;
    }

    private static DocumentedCommand Remove(GlobalOptions globals, Surroundings around)
    {
        var address = new Argument<string>("ADDRESS") { Description = "An address of the list" };
        var command = new DocumentedCommand(
            "remove", "Let mail to an address go again; what has been refused stays refused", "relay suppression remove user@example.com")
        {
            address,
        };
        command.SetAction((parsed, cancel) => globals.UseAddressesAsync(parsed, around, async (book, _, data) =>
        {
            var given = parsed.GetValue(address)!;
            if (!await book.UnsuppressAsync(given, cancel))
            {
                return around.Fail(
                    ExitCodes.Negative, $"{given} is not on the suppression list in {data}: 'relay suppression list' shows those that are");
            }

            around.Out.WriteLine($"Mail to {Text.OneLine(given)} is sent again.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static DocumentedCommand List(GlobalOptions globals, Surroundings around)
    {
        var page = new PageOptions();
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /suppressions" };
        var command = new DocumentedCommand(
            "list",
            "Show the suppression list, by address: since when, until when and why",
            "relay suppression list",
            "relay suppression list --after user@example.com --json")
        {
            json,
        };
        page.AddTo(command);
        command.SetAction((parsed, cancel) => globals.UseAddressesAsync(parsed, around, async (book, _, data) =>
        {
            var (after, limit) = page.Of(parsed);
            var found = await SuppressionPage.ReadAsync(book, after, limit, cancel);
            if (parsed.GetValue(json))
            {
                around.Out.WriteLine(JsonSerializer.Serialize(found, AddressesJson.Default.SuppressionPage));
            }
            else if (found.Suppressions.Count == 0)
            {
                around.Out.WriteLine($"No address {(after is null ? "" : $"behind {Text.OneLine(after)} ")}is on the suppression list in {data}.");
            }
            else
            {
                Columns.Write(around.Out, [["ADDRESS", "SINCE", "UNTIL", "WHY"], .. found.Suppressions.Select(Row)]);
                PageOptions.TellNext(around.Out, found.Next);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static string[] Row(Suppression entry) =>
    [
        Text.OneLine(entry.Address), Text.Time(entry.AddedAt), entry.ExpiresAt is { } end ? Text.Time(end) : "for ever", Text.OneLine(entry.Reason),
    ];

    private static string Until(Suppression entry) => entry.ExpiresAt is { } end ? $"until {Text.Time(end)}" : "until it is removed";
}
