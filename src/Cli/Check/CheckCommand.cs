using System.CommandLine;

namespace Relay.Cli.Check;

/// <summary><c>relay check</c>: what the checks would find, asked by hand.</summary>
internal static class CheckCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var dns = new DnsOption();
        var command = new DocumentedCommand(
            "check",
            "See what the checks of mail would find, without sending any",
            "relay check spf --ip 192.0.2.1 --helo mail.example.org --mail-from user@example.org",
            "relay check message message.eml --ip 192.0.2.1",
            "relay check domain example.org")
        {
            SpfCommand.Create(globals, dns, around),
            MessageCommand.Create(globals, dns, around),
            CheckDomainCommand.Create(globals, dns, around),
        };
        dns.AddTo(command);
        return command;
    }
}
