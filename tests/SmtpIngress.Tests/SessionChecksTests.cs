using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Checks;
using Relay.Options;
using Relay.Replies;
using Relay.Spool;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>What checks are told in a session, and how long what they found holds.</summary>
public sealed class SessionChecksTests
{
    private static readonly CheckResult Fault = new(CheckName.Filter)
    {
        Action = CheckAction.Reject,
        Reason = "some-fault",
        Refusal = new SmtpReply(550, 7, 1, "No"),
    };

    [Theory]
    [InlineData("DATA\r\n", "Subject: x\r\n\r\n.\r\n")]
    [InlineData("", "BDAT 14 LAST\r\nSubject: x\r\n\r\n")]
    public async Task A_check_of_the_content_knows_the_envelope(string before, string content)
    {
        CheckSubject? seen = null;
        await using var server = await StrangersAsync(new ScriptedCheck(CheckName.Filter, CheckStage.Content, subject =>
        {
            seen = subject;
            return new CheckResult(CheckName.Filter);
        }));
        await using var client = await GreetedAsync(server);

        await SendAsync(client, before, content);

        Assert.Equal("a@client.example", seen!.ReversePath?.ToString());
        Assert.Equal(["b@example.com", "c@example.com"], seen.Recipients.Select(path => path.ToString()));
    }

    [Fact]
    public async Task What_keeps_one_message_of_a_member_back_says_nothing_of_the_next()
    {
        var faults = new Queue<CheckResult>([Fault, new CheckResult(CheckName.Filter)]);
        await using var server = await StrangersAsync(new ScriptedCheck(CheckName.Filter, CheckStage.Content, _ => faults.Dequeue()));
        await using var client = await GreetedAsync(server);
        await SignInAsync(client);

        await SendAsync(client);
        await SendAsync(client);

        Assert.Equal(["some-fault", null], Quarantines(server));
    }

    [Theory]
    [InlineData(CheckStage.Connection)]
    [InlineData(CheckStage.Helo)]
    [InlineData(CheckStage.Mail)]
    [InlineData(CheckStage.Rcpt)]
    public async Task What_was_found_before_the_client_signed_in_says_nothing_of_the_member(CheckStage stage)
    {
        await using var server = await StrangersAsync(new ScriptedCheck(CheckName.Lists, stage, _ => Fault with { Check = CheckName.Lists }));
        await using var client = await GreetedAsync(server);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        await client.SayAsync("RCPT TO:<b@example.com>");
        await client.SayAsync("RSET");
        await SignInAsync(client);

        await SendAsync(client);

        Assert.Equal([null], Quarantines(server));
        Assert.DoesNotContain("X-Relay-Checks", Encoding.ASCII.GetString(Assert.Single(server.Spool.Messages).Octets));
    }

    [Fact]
    public async Task A_recipient_of_one_message_says_nothing_of_the_next()
    {
        await using var server = await StrangersAsync(new ScriptedCheck(CheckName.Lists, CheckStage.Rcpt, subject =>
            subject.Recipient!.ToString().StartsWith('d') ? Fault with { Check = CheckName.Lists } : new CheckResult(CheckName.Lists)));
        await using var client = await GreetedAsync(server);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        await client.SayAsync("RCPT TO:<d@example.com>");
        await client.SayAsync("RSET");

        await SendAsync(client);

        Assert.Equal([null], Quarantines(server));
    }

    [Theory]
    [InlineData(CheckPlace.Session)]
    [InlineData(CheckPlace.Queue)]
    public async Task Where_nothing_is_checked_results_in_our_name_are_taken_out_all_the_same(CheckPlace place)
    {
        await using var server = await StrangersAsync(CheckModes.Off, place);
        await using var client = await GreetedAsync(server);

        await SendAsync(client, content: "Authentication-Results: relay.test; dmarc=pass\r\nSubject: x\r\n\r\n.\r\n");

        Assert.Equal("Subject: x\r\n\r\n", Encoding.ASCII.GetString(Assert.Single(server.Spool.Messages).ContentAsSent("relay.test")));
    }

    private static IEnumerable<string?> Quarantines(TestServer server) => server.Spool.Messages.Select(stored => stored.Message.Quarantine?.Reason);

    private static Task<TestServer> StrangersAsync(params ICheck[] checks) => StrangersAsync(
        checks.Aggregate(CheckModes.Off, (modes, check) => modes.With(check.Name, CheckAction.Quarantine)), CheckPlace.Session, checks);

    private static Task<TestServer> StrangersAsync(CheckModes modes, CheckPlace place, params ICheck[] checks)
    {
        var accounts = new MemoryAccounts();
        accounts.Add("app", "secret", iterations: 4096);
        return TestServer.StartAsync(new TestServerOptions
        {
            IsTrusted = false,
            Smtp = new SmtpOptions { AuthWithoutTls = [IPNetwork.Parse("127.0.0.0/8")] },
            Domains = [new DomainOptions { Name = "example.com" }],
            Authenticator = new Authenticator(accounts, new AuthOptions(), TimeProvider.System, NullLogger<Authenticator>.Instance, tokens: null),
            CheckOptions = new CheckOptions { Modes = modes, Place = place },
            FurtherChecks = checks,
        });
    }

    private static async Task<TestClient> GreetedAsync(TestServer server)
    {
        var client = await server.ConnectAsync();
        await client.ReadReplyAsync();
        Assert.StartsWith("250 ", await client.SayAsync("EHLO client.example"));
        return client;
    }

    private static async Task SignInAsync(TestClient client) =>
        Assert.StartsWith("235 ", await client.SayAsync("AUTH PLAIN AGFwcABzZWNyZXQ="));

    private static async Task SendAsync(TestClient client, string before = "DATA\r\n", string content = "Subject: x\r\n\r\n.\r\n")
    {
        await client.SayAsync("MAIL FROM:<a@client.example>");
        await client.SayAsync("RCPT TO:<b@example.com>");
        await client.SayAsync("RCPT TO:<c@example.com>");
        if (before.Length > 0)
        {
            await client.SayAsync(before.TrimEnd());
        }

        await client.SendAsync(content);
        Assert.StartsWith("250 2.0.0 Accepted", await client.ReadReplyAsync());
    }
}
