using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

public sealed class ConnectionReuseTests
{
    [Fact]
    public async Task A_connection_serves_the_next_message_without_a_new_greeting()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.TakeMessageAsync();
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Single(server.Sessions);
    }

    [Fact]
    public async Task Mail_of_many_domains_with_one_mail_host_shares_its_connections()
    {
        const int AtOnce = 4;
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            while (await s.ExpectAsync("") is not "QUIT")
            {
                await s.SayAsync("250 ok");
                await s.ExpectAsync("RCPT", "250 ok");
                await s.ExpectAsync("DATA", "354 go on");
                await s.ReadContentAsync();
                await s.SayAsync("250 taken");
            }

            await s.SayAsync("221 bye");
        });
        var dns = new TableDns().A("mx.example", "127.0.0.1");
        foreach (var domain in Enumerable.Range(0, 10))
        {
            dns.Mx($"d{domain}.example", 10, "mx.example");
        }

        var sending = new Sending(dns: dns, idle: TimeSpan.FromMinutes(1));
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async first =>
        {
            for (var i = first; i < 100; i += AtOnce)
            {
                (await sending.ToMxAsync(server.Port, Sending.Hello, $"u@d{i % 10}.example")).Recipients[0]
                    .Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
            }
        }));
        await sending.DisposeAsync();

        Assert.Equal(100, server.Sessions.Sum(s => s.Contents.Count));
        Assert.InRange(server.Sessions.Count, 1, AtOnce);
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("reset")]
    [InlineData("421 said")]
    [InlineData("421 to MAIL")]
    [InlineData("closed after MAIL")]
    public async Task A_kept_connection_that_died_is_replaced_without_a_word(string death)
    {
        var died = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(
            async s =>
            {
                await s.GreetAsync("PIPELINING");
                await s.TakeMessageAsync();
                switch (death)
                {
                    case "closed":
                        s.Drop();
                        break;
                    case "reset":
                        s.Reset();
                        break;
                    case "421 said":
                        await s.SayAsync("421 4.4.2 idle for too long");
                        s.Drop();
                        break;
                }

                died.SetResult();
                if (death.EndsWith("MAIL", StringComparison.Ordinal))
                {
                    await s.ExpectAsync("MAIL");
                    await s.SayRawAsync(death.StartsWith("421", StringComparison.Ordinal) ? "421 4.3.2 going down\r\n" : "");
                    s.Drop();
                }
            },
            FailoverTests.TakeOneAsync);
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        await died.Task;
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(2, server.Sessions.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replies_that_nobody_asked_for_are_not_taken_for_those_of_the_next_message(bool atOnce)
    {
        var said = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(
            async s =>
            {
                await s.GreetAsync("PIPELINING");
                // As of a server that refuses within the content, and takes the rest of it for commands.
                await s.TakeMessageAsync(atOnce ? "550 5.7.1 no\r\n500 5.5.1 what\r\n500 5.5.1 what" : "550 5.7.1 no");
                await s.SayRawAsync(atOnce ? "" : "500 5.5.1 what\r\n");
                said.SetResult();
                await s.HangAsync();
            },
            FailoverTests.TakeOneAsync);
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.7.1");
        await said.Task;
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(2, server.Sessions.Count);
    }

    [Fact]
    public async Task A_kept_connection_that_dies_after_an_answer_is_a_failure_of_the_host()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.TakeMessageAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            s.Drop();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.ConnectionLost, 451);

        Assert.Single(server.Sessions);
    }

    [Fact]
    public async Task A_connection_that_lies_unused_is_closed_with_QUIT()
    {
        var time = new TimerWatch();
        await using var server = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var sending = new Sending(time, idle: TimeSpan.FromSeconds(7));
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, sending.Transports.Pool.Count);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, sending.Transports.Pool.Count);

        await server.Sessions[0].Ended;
        Assert.Equal("QUIT", server.Sessions[0].Commands[^1]);
    }

    [Fact]
    public async Task A_kept_connection_is_not_ended_by_the_deadline_of_its_last_reply()
    {
        var time = new TimerWatch();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.TakeMessageAsync();
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending(time, idle: TimeSpan.FromHours(1));

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        time.Advance(TimeSpan.FromMinutes(30));
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Single(server.Sessions);
    }

    [Fact]
    public async Task Without_an_idle_time_every_message_has_its_own_connection()
    {
        await using var server = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var sending = new Sending(idle: TimeSpan.Zero);

        await sending.HelloAsync(server.Port);
        await sending.HelloAsync(server.Port);

        Assert.Equal(2, server.Sessions.Count);
        Assert.Equal(0, sending.Transports.Pool.Count);
    }

    [Fact]
    public async Task After_a_hundred_messages_a_connection_is_closed()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            for (var i = 0; i < SmtpConnectionPool.MaxTransactions; i++)
            {
                await s.TakeMessageAsync();
            }

            await s.QuitAsync();
        }, FailoverTests.TakeOneAsync);
        await using var sending = new Sending();

        for (var i = 0; i < SmtpConnectionPool.MaxTransactions + 1; i++)
        {
            (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        }

        Assert.Equal(2, server.Sessions.Count);
    }

    [Fact]
    public async Task The_number_of_kept_connections_is_bounded_for_a_host_and_the_oldest_go()
    {
        const int Many = SmtpConnectionPool.MaxIdlePerHost + 8;
        using var all = new CountdownEvent(Many);
        var together = new TaskCompletionSource();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            if (all.Signal())
            {
                together.SetResult();
            }

            await together.Task;
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => sending.HelloAsync(server.Port)));

        Assert.Equal(Many, server.Sessions.Count);
        Assert.Equal(SmtpConnectionPool.MaxIdlePerHost, sending.Transports.Pool.Count);
    }

    [Fact]
    public async Task A_connection_in_clear_does_not_serve_a_route_that_requires_TLS()
    {
        await using var server = ScriptedSmtpServer.Start(
            async s =>
            {
                await s.GreetAsync();
                await s.TakeMessageAsync();
                await s.QuitAsync();
            },
            async s =>
            {
                await s.GreetAsync();
                await s.QuitAsync();
            });
        await using var sending = new Sending();
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        sending.Tls = TlsMode.Required;

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.TlsRequired, 451, "4.7.4");
    }
}
