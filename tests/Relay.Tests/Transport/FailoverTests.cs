using System.Net;
using System.Net.Sockets;
using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>What sends an attempt on to the next host, and what does not.</summary>
public sealed class FailoverTests
{
    /// <summary>Ways in which a host does not take mail now, none of which says anything of a recipient.</summary>
    public static TheoryData<string, string, int> Unwilling => new()
    {
        { "greeting 421", Reasons.RemoteTemporary, 421 },
        { "greeting 450", Reasons.RemoteTemporary, 450 },
        { "greeting 554", Reasons.ConnectFailed, 554 },
        { "greeting is not SMTP", Reasons.RemoteProtocolError, 451 },
        { "greeting 354", Reasons.RemoteProtocolError, 451 },
        { "closed at once", Reasons.ConnectionLost, 451 },
        { "reset after EHLO", Reasons.ConnectionLost, 451 },
        { "EHLO 450", Reasons.RemoteTemporary, 450 },
        { "EHLO and HELO 550", Reasons.ConnectFailed, 550 },
        { "EHLO 500 and HELO 450", Reasons.RemoteTemporary, 450 },
        { "closed after EHLO", Reasons.ConnectionLost, 451 },
        { "MAIL 421", Reasons.RemoteTemporary, 421 },
        { "MAIL 451", Reasons.RemoteTemporary, 451 },
        { "closed after MAIL", Reasons.ConnectionLost, 451 },
        { "RCPT 421", Reasons.RemoteTemporary, 421 },
        { "RCPT 450", Reasons.RemoteTemporary, 450 },
        { "closed after RCPT", Reasons.ConnectionLost, 451 },
        { "DATA 421", Reasons.RemoteTemporary, 421 },
        { "DATA 451", Reasons.RemoteTemporary, 451 },
        { "closed after DATA", Reasons.ConnectionLost, 451 },
        { "closed after half a reply", Reasons.ConnectionLost, 451 },
    };

    [Theory]
    [MemberData(nameof(Unwilling))]
    public async Task A_host_that_is_unwilling_leaves_the_mail_to_the_next(string way, string reason, int code)
    {
        Assert.NotEmpty(reason);
        Assert.NotEqual(0, code);
        await using var unwilling = ScriptedSmtpServer.Start(s => RefuseAsync(s, way));
        await using var willing = ScriptedSmtpServer.Start(TakeOneAsync);
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(unwilling.Port, willing.Port);

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal($"127.0.0.1[127.0.0.1]:{willing.Port}", outcome.RemoteHost);
        Assert.Single(unwilling.Sessions);
    }

    [Theory]
    [MemberData(nameof(Unwilling))]
    public async Task When_no_host_is_willing_the_mail_waits(string way, string reason, int code)
    {
        await using var one = ScriptedSmtpServer.Start(s => RefuseAsync(s, way));
        await using var two = ScriptedSmtpServer.Start(s => RefuseAsync(s, way));
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(one.Port, two.Port);

        outcome.Is(OutcomeKind.Deferred, reason, code);
        Assert.Equal($"127.0.0.1[127.0.0.1]:{two.Port}", outcome.RemoteHost);
    }

    [Theory]
    [InlineData("greeting 554")]
    [InlineData("EHLO and HELO 550")]
    [InlineData("MAIL 451")]
    public async Task Whoever_refuses_and_stays_is_said_QUIT_to(string way)
    {
        await using var server = ScriptedSmtpServer.Start(s => RefuseAsync(s, way));
        await using (var sending = new Sending())
        {
            Assert.Equal(OutcomeKind.Deferred, (await sending.HelloAsync(server.Port)).Kind);
        }

        await server.Sessions[0].Ended;
        Assert.Equal("QUIT", server.Sessions[0].Commands[^1]);
    }

    [Fact]
    public async Task A_closed_port_defers_and_names_the_host()
    {
        var port = ClosedPort();
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(port);

        outcome.Is(OutcomeKind.Deferred, Reasons.ConnectFailed, 451, "4.4.1");
        Assert.Equal($"127.0.0.1[127.0.0.1]:{port}", outcome.RemoteHost);
    }

    [Fact]
    public async Task What_a_server_said_is_not_hidden_by_a_later_host_that_is_down()
    {
        await using var server = ScriptedSmtpServer.Start(s => RefuseAsync(s, "RCPT 450"));
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(server.Port, ClosedPort());

        outcome.Is(OutcomeKind.Deferred, Reasons.RemoteTemporary, 450);
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData(".")]
    public async Task A_5xx_is_a_verdict_and_the_next_host_is_not_asked(string stage)
    {
        await using var server = ScriptedSmtpServer.Start(s => RefuseAtAsync(s, stage, "550 5.7.1 no"));
        await using var next = ScriptedSmtpServer.Start(TakeOneAsync);
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port, next.Port)).Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.7.1");

        Assert.Empty(next.Sessions);
    }

    [Fact]
    public async Task Only_those_who_are_undecided_go_to_the_next_host()
    {
        await using var first = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT TO:<a@", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT TO:<b@", "250 ok");
            await s.ExpectAsync("RCPT TO:<c@", "450 4.2.1 later");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken by the first");
            await s.QuitAsync();
        });
        await using var second = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT TO:<c@", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken by the second");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(
            [new HostPort("127.0.0.1", first.Port), new HostPort("127.0.0.1", second.Port)],
            Sending.Hello, ["a@example.com", "b@example.com", "c@example.com"]);

        Assert.Equal(
            ["550 5.1.1 nobody", "250 taken by the first", "250 taken by the second"],
            outcome.Recipients.Select(r => r.Reply.ToString()));
    }

    [Theory]
    [InlineData("451 4.3.0 no", Reasons.RemoteTemporary)]
    [InlineData("421 4.3.2 going down", Reasons.RemoteTemporary)]
    [InlineData("close", Reasons.ConnectionLost)]
    [InlineData("reset", Reasons.ConnectionLost)]
    [InlineData("what", Reasons.RemoteProtocolError)]
    public async Task After_the_final_dot_the_mail_goes_to_nobody_else_in_this_attempt(string end, string reason)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await EndAsync(s, end);
        });
        await using var next = ScriptedSmtpServer.Start(TakeOneAsync);
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(
            [new HostPort("127.0.0.1", server.Port), new HostPort("127.0.0.1", next.Port)],
            Sending.Hello, ["a@example.com", "b@example.com"]);

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        Assert.Equal((OutcomeKind.Deferred, reason), (outcome.Recipients[1].Kind, outcome.Recipients[1].Reason));
        Assert.Empty(next.Sessions);
    }

    [Fact]
    public async Task Lost_within_the_content_the_mail_goes_to_the_next_host()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("8BITMIME");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadOctetsAsync(1000);
            s.Reset();
        });
        await using var next = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("8BITMIME");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();
        // More than the network takes without a reader, so that the reset comes before the final dot is written.
        var content = Enumerable.Range(0, 30).SelectMany(_ => Contents.OneMegabyte()).ToArray();

        var outcome = await sending.ToAsync(
            [new HostPort("127.0.0.1", server.Port), new HostPort("127.0.0.1", next.Port)], content, ["a@example.com"]);

        outcome.Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.True(content.AsSpan().SequenceEqual(Assert.Single(next.Sessions[0].Contents)));
    }

    [Fact]
    public async Task A_cancelled_attempt_throws_and_leaves_no_connection()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT");
            await cancel.CancelAsync();
            await s.EndAsync();
        });
        await using var sending = new Sending();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            sending.ToAsync([new HostPort("127.0.0.1", server.Port)], Sending.Hello, ["a@example.com"], cancel.Token));

        await server.Sessions[0].Ended;
        Assert.Equal(0, sending.Transports.Pool.Count);
    }

    [Fact]
    public async Task A_cancelled_attempt_still_tells_what_was_decided()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT");
            await cancel.CancelAsync();
            await s.EndAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(
            [new HostPort("127.0.0.1", server.Port)], Sending.Hello, ["a@example.com", "b@example.com"], cancel.Token);

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        outcome.Recipients[1].Is(OutcomeKind.Deferred, Reasons.InternalError, 451, "4.3.0");
    }

    internal static async Task TakeOneAsync(ScriptedSmtpSession session)
    {
        await session.GreetAsync("PIPELINING");
        await session.TakeMessageAsync();
        await session.QuitAsync();
    }

    private static int ClosedPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }

    private static Task EndAsync(ScriptedSmtpSession s, string end)
    {
        switch (end)
        {
            case "close":
                s.Drop();
                return Task.CompletedTask;
            case "reset":
                s.Reset();
                return Task.CompletedTask;
            default:
                return Task.WhenAll(s.SayAsync(end), s.EndAsync());
        }
    }

    private static async Task RefuseAtAsync(ScriptedSmtpSession s, string stage, string reply)
    {
        await s.GreetAsync();
        foreach (var command in new[] { "MAIL", "RCPT", "DATA", "." })
        {
            if (command == ".")
            {
                await s.ReadContentAsync();
            }
            else
            {
                await s.ExpectAsync(command);
            }

            await s.SayAsync(command == stage ? reply : command == "DATA" ? "354 go" : "250 ok");
            if (command == stage)
            {
                break;
            }
        }

        await s.EndAsync();
    }

    private static async Task RefuseAsync(ScriptedSmtpSession s, string way)
    {
        switch (way)
        {
            case "greeting 421" or "greeting 450" or "greeting 554" or "greeting 354":
                await s.SayAsync($"{way[9..]} not here");
                await s.EndAsync();
                break;
            case "greeting is not SMTP":
                await s.SayAsync("SSH-2.0-server");
                await s.EndAsync();
                break;
            case "closed at once":
                s.Drop();
                break;
            case "reset after EHLO":
                await s.SayAsync("220 hello");
                await s.ExpectAsync("EHLO");
                s.Reset();
                break;
            case "EHLO 450":
                await s.SayAsync("220 hello");
                await s.ExpectAsync("EHLO", "450 not now");
                await s.EndAsync();
                break;
            case "EHLO and HELO 550":
                await s.SayAsync("220 hello");
                await s.ExpectAsync("EHLO", "550 not you");
                await s.ExpectAsync("HELO", "550 not you");
                await s.EndAsync();
                break;
            case "EHLO 500 and HELO 450":
                await s.SayAsync("220 hello");
                await s.ExpectAsync("EHLO", "500 what");
                await s.ExpectAsync("HELO", "450 not now");
                await s.EndAsync();
                break;
            case "closed after half a reply":
                await s.GreetAsync();
                await s.ExpectAsync("MAIL");
                await s.SayRawAsync("250-ok\r\n25");
                s.Drop();
                break;
            default:
                await RefuseAfterGreetingAsync(s, way);
                break;
        }
    }

    private static async Task RefuseAfterGreetingAsync(ScriptedSmtpSession s, string way)
    {
        if (!way.StartsWith("closed after ", StringComparison.Ordinal))
        {
            await RefuseAtAsync(s, way[..4].Trim(), $"{way[^3..]} no");
            return;
        }

        await s.SayAsync("220 hello");
        foreach (var command in new[] { "EHLO", "MAIL", "RCPT", "DATA" })
        {
            await s.ExpectAsync(command);
            if (way.EndsWith(command, StringComparison.Ordinal))
            {
                s.Drop();
                return;
            }

            await s.SayAsync("250 ok");
        }
    }
}
