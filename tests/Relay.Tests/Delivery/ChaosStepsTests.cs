using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Delivery;
using Relay.Delivery.Destinations;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>The steps over the real SMTP client and a host that goes wrong: then the retry, and what each recipient got.</summary>
public sealed class ChaosStepsTests
{
    private static readonly string[] Recipients = ["taken@example.net", "later@example.net", "never@example.net", "lost@example.net"];

    private readonly ConcurrentDictionary<string, int> got = new();

    [Theory]
    [InlineData("drops after the second RCPT", 0)]
    [InlineData("drops at DATA", 0)]
    [InlineData("drops within the content", 0)]
    [InlineData("drops before the reply to the dot", 1)]
    [InlineData("drops after the reply to the dot", 0)]
    [InlineData("says 421 to the third RCPT", 0)]
    public async Task Each_recipient_is_decided_once_and_gets_the_message_once(string first, int doubles)
    {
        await using var server = ScriptedSmtpServer.Start(s => GoWrongAsync(s, first), TakeAsync);
        await using var relay = new StepHarness(new Route
        {
            Name = "out",
            Kind = RouteKind.Smarthost,
            Recipients = ["*"],
            Hosts = [new HostPort("127.0.0.1", server.Port)],
        });
        await using var transports = new Transports(
            relay.Options, new TableDns(), TimeProvider.System, new Random(1), NullLoggerFactory.Instance);
        using var gates = new DestinationSet(relay.Options, relay.Time, NullLogger<DestinationSet>.Instance);
        relay.Steps = new Steps(relay.PartsOf(relay.Options) with { Transports = transports.For, Destinations = gates });
        var id = await relay.AcceptAsync(Recipients);

        await relay.RunAsync(WorkQueue.Accepted);
        while ((await relay.StatusAsync(id)).Recipients.Any(r => !r.State.IsFinal()))
        {
            relay.Time.Advance(TimeSpan.FromMinutes(30));
            await relay.RunAsync(WorkQueue.Delivery);
        }

        Assert.Equal(
            [RecipientState.Delivered, RecipientState.Delivered, RecipientState.Bounced, RecipientState.Delivered],
            (await relay.StatusAsync(id)).Recipients.Select(r => r.State));
        var twice = doubles > 0 ? 2 : 1;
        Assert.Equal(
            new Dictionary<string, int> { [Recipients[0]] = twice, [Recipients[1]] = 1, [Recipients[3]] = twice },
            got.OrderBy(pair => Array.IndexOf(Recipients, pair.Key)).ToDictionary());
    }

    /// <summary>The first session: of four recipients it takes two, for now, and then goes wrong.</summary>
    private async Task GoWrongAsync(ScriptedSmtpSession s, string way)
    {
        await s.GreetAsync();
        await s.ExpectAsync("MAIL", "250 ok");
        await s.ExpectAsync("RCPT", "250 ok");
        await s.ExpectAsync("RCPT", "451 4.2.1 later");
        if (way == "drops after the second RCPT")
        {
            s.Drop();
            return;
        }

        await s.ExpectAsync("RCPT", way.StartsWith("says 421", StringComparison.Ordinal) ? "421 4.3.2 going down" : "550 5.1.1 never");
        if (way.StartsWith("says 421", StringComparison.Ordinal))
        {
            await s.EndAsync();
            return;
        }

        await s.ExpectAsync("RCPT", "250 ok");
        await s.ExpectAsync("DATA");
        if (way == "drops at DATA")
        {
            s.Drop();
            return;
        }

        await s.SayAsync("354 go on");
        if (way == "drops within the content")
        {
            await s.ReadOctetsAsync(5);
            s.Drop();
            return;
        }

        await s.ReadContentAsync();
        Count(Recipients[0], Recipients[3]);
        await (way == "drops after the reply to the dot" ? s.SayAsync("250 taken") : Task.CompletedTask);
        s.Drop();
    }

    /// <summary>All further sessions: as it should be.</summary>
    private async Task TakeAsync(ScriptedSmtpSession s)
    {
        await s.GreetAsync();
        while (await s.ExpectAsync("") is var line && line != "QUIT")
        {
            await s.SayAsync("250 ok");
            if (line.StartsWith("RSET", StringComparison.Ordinal))
            {
                continue;
            }

            List<string> accepted = [];
            while ((line = await s.ExpectAsync("")).StartsWith("RCPT", StringComparison.Ordinal))
            {
                var path = line["RCPT TO:<".Length..line.IndexOf('>', StringComparison.Ordinal)];
                var isKnown = path != Recipients[2];
                await s.SayAsync(isKnown ? "250 ok" : "550 5.1.1 never");
                accepted.AddRange(isKnown ? [path] : []);
            }

            if (line == "DATA")
            {
                await s.SayAsync("354 go on");
                await s.ReadContentAsync();
                Count([.. accepted]);
                await s.SayAsync("250 taken");
            }
            else if (line == "RSET")
            {
                await s.SayAsync("250 ok");
            }
            else
            {
                break;
            }
        }

        await s.SayAsync("221 bye");
    }

    private void Count(params string[] recipients)
    {
        foreach (var recipient in recipients)
        {
            got.AddOrUpdate(recipient, 1, (_, count) => count + 1);
        }
    }
}
