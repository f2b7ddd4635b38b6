using System.CommandLine;

namespace Relay.Cli.Domain;

/// <summary><c>relay domain</c>: our own domains, and what a domain needs that mail leaves for.</summary>
internal static class DomainCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around) => new DocumentedCommand(
        "domain",
        "Add, show and remove domains that mail is taken for, and make what a domain needs so that its mail is believed elsewhere",
        "relay domain add example.com",
        "relay domain list",
        "relay domain dkim example.com --out example.com.pem")
    {
        OwnDomainCommands.Add(globals, around),
        OwnDomainCommands.Remove(globals, around),
        OwnDomainCommands.List(globals, around),
        DkimCommand.Create(around),
    };
}
