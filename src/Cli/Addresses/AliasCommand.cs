using System.CommandLine;
using System.Text.Json;
using Relay.Addresses;

namespace Relay.Cli.Addresses;

/// <summary><c>relay alias</c>: addresses that stand for others.</summary>
internal static class AliasCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around) => new DocumentedCommand(
        "alias",
        "Add, show and remove addresses that stand for others; a running relay sees a change within a second",
        "relay alias add info@example.com anna@example.com ben@example.org",
        "relay alias list")
    {
        Add(globals, around),
        Remove(globals, around),
        List(globals, around),
    };

    private static DocumentedCommand Add(GlobalOptions globals, Surroundings around)
    {
        var address = new Argument<string>("ADDRESS") { Description = $"The alias: {AddressParser.AllowedAlias}" };
        var targets = new Argument<string[]>("TARGET")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = $"Where its mail goes: {AddressParser.AllowedTarget}",
        };
        var json = new Option<bool>("--json") { Description = "For programs: the alias as it is kept" };
        var command = new DocumentedCommand(
            "add",
            "Add an alias, or give the one that is there other targets",
            "relay alias add info@example.com anna@example.com ben@example.org",
            "relay alias add @old.example @example.com")
        {
            address,
            targets,
            json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var (alias, faults) = AddressParser.Alias(parsed.GetValue(address)!, parsed.GetValue(targets));
            return alias is null
                ? AddressFaults.Tell(around, faults, ("address", "ADDRESS"), ("targets", "TARGET"))
                : await globals.UseAddressesAsync(parsed, around, mayCreate: true, use: async (book, _, _) =>
                {
                    await book.AddAliasAsync(alias, cancel);
                    around.Out.WriteLine(parsed.GetValue(json)
                        ? JsonSerializer.Serialize(alias, AddressesJson.Default.Alias)
                        : $"Mail to {Text.OneLine(alias.Address)} goes to {Targets(alias)}.");
                    return ExitCodes.Done;
                });
        });
        return command;
    }

    private static DocumentedCommand Remove(GlobalOptions globals, Surroundings around)
    {
        var address = new Argument<string>("ADDRESS") { Description = "The alias" };
        var command = new DocumentedCommand(
            "remove", "Remove an alias; mail that has been taken already goes where it led", "relay alias remove info@example.com")
        {
            address,
        };
        command.SetAction((parsed, cancel) => globals.UseAddressesAsync(parsed, around, async (book, _, data) =>
        {
            var given = parsed.GetValue(address)!;
            if (!await book.RemoveAliasAsync(given, cancel))
            {
                return around.Fail(ExitCodes.Negative, $"there is no alias {given} in {data}: 'relay alias list' shows those that there are");
            }

            around.Out.WriteLine($"Removed the alias {Text.OneLine(given)}.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static DocumentedCommand List(GlobalOptions globals, Surroundings around)
    {
        var page = new PageOptions();
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /aliases" };
        var command = new DocumentedCommand("list", "Show the aliases, by address", "relay alias list", "relay alias list --json | jq -r '.aliases[].address'");
        page.AddTo(command);
        command.Options.Add(json);
        command.SetAction((parsed, _) => globals.UseAddressesAsync(parsed, around, (book, _, data) =>
        {
            var (after, limit) = page.Of(parsed);
            var found = AliasPage.Of(book.Current, after, limit);
            if (parsed.GetValue(json))
            {
                around.Out.WriteLine(JsonSerializer.Serialize(found, AddressesJson.Default.AliasPage));
            }
            else if (found.Aliases.Count == 0)
            {
                around.Out.WriteLine($"There is no alias {(after is null ? "" : $"behind {Text.OneLine(after)} ")}in {data}.");
            }
            else
            {
                Columns.Write(around.Out, [["ALIAS", "GOES TO"], .. found.Aliases.Select(alias => (string[])[Text.OneLine(alias.Address), Targets(alias)])]);
                PageOptions.TellNext(around.Out, found.Next);
            }

            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static string Targets(Alias alias) => Text.OneLine(string.Join(", ", alias.Targets));
}
