using System.CommandLine;
using Relay.Dns;
using Relay.Options;

namespace Relay.Cli.Check;

/// <summary><c>--dns</c>: whom to ask, for every command that asks DNS.</summary>
internal sealed class DnsOption
{
    private readonly Option<string?> dns = new("--dns")
    {
        HelpName = "HOST:PORT",
        Description = "The name server to ask, by its address [default: those of the configuration, or of the machine]",
        Recursive = true,
    };

    public DnsOption() => dns.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && !DnsOptions.TryParseServer(result.Tokens[0].Value, out _))
        {
            result.AddError($"--dns: '{result.Tokens[0].Value}' is not an address with a port, such as 127.0.0.1:5353 or [::1]:53");
        }
    });

    public void AddTo(Command group) => group.Options.Add(dns);

    /// <summary>DNS as the command line and the configuration have it.</summary>
    public IDnsResolver Resolver(ParseResult parsed, RelayOptions options, TimeProvider time) => new DnsResolver(
        parsed.GetValue(dns) is { } text && DnsOptions.TryParseServer(text, out var server)
            ? options.Dns with { Servers = [server] }
            : options.Dns,
        time);
}
