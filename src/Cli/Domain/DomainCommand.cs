using System.CommandLine;

namespace Relay.Cli.Domain;

/// <summary><c>relay domain</c>: what a domain needs that mail leaves for.</summary>
internal static class DomainCommand
{
    public static Command Create(Surroundings around) => new DocumentedCommand(
        "domain",
        "Make what a domain needs so that its mail is believed elsewhere",
        "relay domain dkim example.com --out example.com.pem")
    {
        DkimCommand.Create(around),
    };
}
