using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Checks;

public sealed class ClientChecksTests
{
    private static readonly CheckSubject Client = new()
    {
        ClientAddress = IPAddress.Parse("192.0.2.7"),
        Helo = "mx.example.com",
        ReversePath = new ReversePath(new Mailbox("a", "example.org")),
    };

    [Fact]
    public void Lists_that_are_not_configured_make_no_check() => Assert.Equal(
        [CheckName.Helo, CheckName.ReverseDns],
        ClientChecks.All(new RelayOptions { HostName = "mx.example.com", Data = "" }, new TableDns(), TimeProvider.System, NullLoggerFactory.Instance)
            .Select(check => check.Name));

    [Fact]
    public async Task The_first_check_that_refuses_gives_the_reply_and_the_header_tells_of_all()
    {
        var (connection, mail) = await RunAsync(allow: []);

        Assert.Equal(CheckAction.None, connection.Action);
        Assert.Equal("550 5.7.1 The name in HELO belongs to this host, and not to the client", mail.Refusal?.ToString());
        Assert.Equal(
            "Authentication-Results: mx.example.com;\r\n\tiprev=permerror policy.iprev=192.0.2.7\r\nX-Relay-Checks: helo-own-name,\r\n\tdns-listed\r\n",
            System.Text.Encoding.ASCII.GetString(CheckFields.Write("mx.example.com", mail.Results)));
    }

    [Fact]
    public async Task A_client_whose_address_is_let_in_is_refused_by_none()
    {
        var (_, mail) = await RunAsync(allow: [IPNetwork.Parse("192.0.2.0/24")]);

        Assert.Equal((CheckAction.None, null), (mail.Action, mail.Decisive));
    }

    private static async Task<(CheckVerdict Connection, CheckVerdict Mail)> RunAsync(IReadOnlyList<IPNetwork> allow)
    {
        var options = new RelayOptions
        {
            HostName = "mx.example.com",
            Data = "",
            Lists = new LocalListsOptions { Allow = new LocalListOptions { Addresses = allow } },
            DnsLists = [new DnsListOptions { Zone = "bl.example" }],
        };
        var dns = new TableDns().A("7.2.0.192.bl.example", "127.0.0.2");
        var runner = new CheckRunner(
            ClientChecks.All(options, dns, TimeProvider.System, NullLoggerFactory.Instance), options.Checks, TimeProvider.System, NullLogger<CheckRunner>.Instance);
        var modes = CheckModes.Default.With(CheckName.Helo, CheckAction.Reject).With(CheckName.ReverseDns, CheckAction.Reject);

        var connection = await runner.RunAsync(CheckStage.Connection, Client, modes, default);
        return (connection, await runner.RunAsync(CheckStage.Mail, Client with { Results = connection.Results }, modes, default));
    }
}
