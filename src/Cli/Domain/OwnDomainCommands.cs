using System.CommandLine;
using System.Text.Json;
using Relay.Addresses;
using Relay.Cli.Addresses;

namespace Relay.Cli.Domain;

/// <summary><c>relay domain add</c>, <c>remove</c> and <c>list</c>: the domains that mail is taken for from everybody.</summary>
internal static class OwnDomainCommands
{
    private const char Separator = ',';

    public static Command Add(GlobalOptions globals, Surroundings around)
    {
        var name = new Argument<string>("NAME") { Description = AddressParser.AllowedDomain };
        var recipients = new Option<string?>("--recipients")
        {
            HelpName = "LIST",
            Description = $"Who exists there, with commas between: each {AddressParser.AllowedLocalPart}; postmaster always does [default: *]",
        };
        var json = new Option<bool>("--json") { Description = "For programs: the domain as it is kept" };
        var command = new DocumentedCommand(
            "add",
            "Take mail for a domain from everybody from now on, or say anew who exists there; a route must lead on",
            "relay domain add example.com",
            "relay domain add example.com --recipients info,anna,ben")
        {
            name,
            recipients,
            json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var local = parsed.GetValue(recipients)?.Split(Separator, StringSplitOptions.TrimEntries);
            var (domain, faults) = AddressParser.Domain(parsed.GetValue(name)!, local);
            return domain is null
                ? AddressFaults.Tell(around, faults, ("name", "NAME"), ("recipients", "--recipients"))
                : await globals.UseAddressesAsync(parsed, around, mayCreate: true, use: async (book, options, _) =>
                {
                    if (OwnDomain.Find(domain.Name, options.Domains, AddressSnapshot.Empty) is { } configured)
                    {
                        return around.Fail(ExitCodes.Negative, $"{configured.Name} stands in the configuration: change it there, at Domains");
                    }

                    await book.AddDomainAsync(domain, cancel);
                    var added = new OwnDomain(domain.Name, domain.Recipients, DomainSource.Added);
                    around.Out.WriteLine(parsed.GetValue(json)
                        ? JsonSerializer.Serialize(added, AddressesJson.Default.OwnDomain)
                        : $"{Text.OneLine(added.Name)} is a domain of ours: mail to {Recipients(added)} there is taken from everybody.");
                    return ExitCodes.Done;
                });
        });
        return command;
    }

    public static Command Remove(GlobalOptions globals, Surroundings around)
    {
        var name = new Argument<string>("NAME") { Description = "A domain that was added" };
        var command = new DocumentedCommand(
            "remove", "Take mail for a domain only from those who may relay; what has been taken is delivered all the same", "relay domain remove example.com")
        {
            name,
        };
        command.SetAction((parsed, cancel) => globals.UseAddressesAsync(parsed, around, mayLack: true, use: async (book, options, data) =>
        {
            var given = parsed.GetValue(name)!;
            if (await book.RemoveDomainAsync(given, cancel))
            {
                around.Out.WriteLine($"Removed the domain {Text.OneLine(given)}.");
                return ExitCodes.Done;
            }

            return OwnDomain.Find(given, options.Domains, AddressSnapshot.Empty) is { } configured
                ? around.Fail(ExitCodes.Negative, $"{configured.Name} stands in the configuration: remove it there, at Domains")
                : around.Fail(ExitCodes.Negative, $"there is no domain {given} in {data}: 'relay domain list' shows those that there are");
        }));
        return command;
    }

    public static Command List(GlobalOptions globals, Surroundings around)
    {
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /domains" };
        var command = new DocumentedCommand(
            "list",
            "Show our own domains, who exists there and where each is from: the configuration, or added",
            "relay domain list",
            "relay domain list --json | jq -r '.domains[].name'")
        {
            json,
        };
        command.SetAction((parsed, _) => globals.UseAddressesAsync(parsed, around, mayLack: true, use: (book, options, data) =>
        {
            var all = OwnDomain.All(options.Domains, book.Current);
            if (parsed.GetValue(json))
            {
                around.Out.WriteLine(JsonSerializer.Serialize(new OwnDomainList(all), AddressesJson.Default.OwnDomainList));
            }
            else if (all.Count == 0)
            {
                around.Out.WriteLine($"No domain is ours in {data}: mail is taken only from those who may relay.");
            }
            else
            {
                Columns.Write(around.Out, [["DOMAIN", "RECIPIENTS", "FROM"], .. all.Select(Row)]);
            }

            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static string[] Row(OwnDomain domain) =>
        [Text.OneLine(domain.Name), Recipients(domain), domain.Source == DomainSource.Configuration ? "configuration" : "added"];

    private static string Recipients(OwnDomain domain) =>
        domain.Recipients.Contains("*") ? "everybody" : Text.OneLine(string.Join(", ", domain.Recipients));
}
