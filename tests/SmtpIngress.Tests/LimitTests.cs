using Microsoft.Extensions.Time.Testing;
using Relay.Options;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>What a session may use up, and what it hears when it wants more. Limits that need no clock are dialogs.</summary>
public sealed class LimitTests
{
    private static readonly TimeSpan Idle = new SmtpOptions().IdleTimeout;

    [Fact]
    public async Task A_sender_that_dribbles_is_ended_though_it_is_never_silent()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();

        var reply = client.ReadLineAsync();
        await Eventually.HoldsAsync(() =>
        {
            client.SendAsync("x").GetAwaiter().GetResult();
            return reply.IsCompleted;
        }, "the end of the session", clock);

        Assert.Equal("421 4.4.2 Too slow", await reply);
        Assert.InRange(clock.GetUtcNow() - clock.Start, Idle, Idle * 2);
    }

    [Fact]
    public async Task A_sender_that_dribbles_in_chunks_is_ended_though_each_chunk_is_whole()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("EHLO client.test\r\nMAIL FROM:<a@client.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 1\r\nx");
        while (!(await client.ReadLineAsync())!.Contains("Go on", StringComparison.Ordinal))
        {
        }

        // Each comes before silence is over, and the third after the time that so little may take.
        clock.Advance(Idle * 0.6);
        Assert.Equal("250 2.0.0 Go on", await client.SayAsync("BDAT 0"));
        clock.Advance(Idle * 0.6);
        Assert.Equal("421 4.4.2 Too slow", await client.SayAsync("BDAT 1"));
        Assert.Empty(server.Spool.Messages);
    }

    [Fact]
    public async Task A_command_that_comes_octet_by_octet_gets_no_more_time_than_silence()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        Assert.StartsWith("220 ", await client.ReadLineAsync());

        var reply = client.ReadLineAsync();
        await Eventually.HoldsAsync(() =>
        {
            client.SendAsync("x").GetAwaiter().GetResult();
            return reply.IsCompleted;
        }, "the end of the session", clock);

        Assert.Equal("421 4.4.2 Silent for too long", await reply);
        Assert.InRange(clock.GetUtcNow() - clock.Start, Idle, Idle * 2);
    }

    [Fact]
    public async Task Sessions_of_one_address_are_counted_and_room_is_made_when_one_ends()
    {
        await using var server = await TestServer.StartAsync(new SmtpOptions { MaxSessionsPerAddress = 1 }, trusted: false);
        await using var first = await server.ConnectAsync();
        Assert.StartsWith("220 ", await first.ReadLineAsync());

        await using var second = await server.ConnectAsync();
        Assert.Equal("421 4.7.0 Too many sessions from your address", await second.ReadLineAsync());
        second.EndSending();
        Assert.Null(await second.ReadLineAsync());

        Assert.StartsWith("221 ", await first.SayAsync("QUIT"));
        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 0, "the end of all sessions");
        await using var third = await server.ConnectAsync();
        Assert.StartsWith("220 ", await third.ReadLineAsync());
    }

    [Fact]
    public async Task Trusted_networks_have_no_limit_of_sessions()
    {
        await using var server = await TestServer.StartAsync(new SmtpOptions { MaxSessionsPerAddress = 1 });
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        Assert.StartsWith("220 ", await first.ReadLineAsync());
        Assert.StartsWith("220 ", await second.ReadLineAsync());
    }

    [Fact]
    public async Task Who_talks_before_the_greeting_is_refused()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(
            new SmtpOptions { GreetingDelay = TimeSpan.FromSeconds(2) }, trusted: false, time: clock);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("EHLO client.test\r\n");

        Assert.Equal("554 5.5.1 You spoke before the greeting", await client.ReadLineAsync());
        client.EndSending();
        Assert.Null(await client.ReadLineAsync());
    }

    [Fact]
    public async Task Who_waits_for_the_greeting_gets_it_when_the_delay_is_over()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(
            new SmtpOptions { GreetingDelay = TimeSpan.FromSeconds(2) }, trusted: false, time: clock);
        await using var client = await server.ConnectAsync();

        Assert.StartsWith("220 ", await Eventually.AfterAsync(clock, TimeSpan.FromSeconds(2), client.ReadLineAsync()));
        Assert.StartsWith("250 ", await client.SayAsync("HELO client.test"));
    }

    [Fact]
    public async Task A_trusted_client_may_talk_before_the_greeting_and_does_not_wait_for_it()
    {
        await using var server = await TestServer.StartAsync(
            new SmtpOptions { GreetingDelay = TimeSpan.FromSeconds(30) }, time: new FakeTimeProvider());
        await using var client = await server.ConnectAsync();
        await client.SendAsync("HELO client.test\r\n");
        Assert.StartsWith("220 ", await client.ReadLineAsync());
        Assert.StartsWith("250 ", await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_load_balancer_that_sends_no_header_is_not_waited_for_for_ever()
    {
        var clock = new FakeTimeProvider();
        var wanted = new TestServerOptions { Time = clock };
        await using var server = await TestServer.StartAsync(
            wanted with { Listener = wanted.Listener with { Proxy = wanted.Smtp.TrustedNetworks } });
        await using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP4 ");

        Assert.Null(await Eventually.AfterAsync(clock, Idle, client.ReadLineAsync()));
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_is_not_waited_for_for_ever()
    {
        var clock = new FakeTimeProvider();
        var wanted = new TestServerOptions { Time = clock, Certificate = TestCertificate.For(TestServer.HostName) };
        await using var server = await TestServer.StartAsync(
            wanted with { Listener = wanted.Listener with { Tls = ListenerTls.Implicit } });
        await using var client = await server.ConnectAsync();

        Assert.Null(await Eventually.AfterAsync(clock, TimeSpan.FromMinutes(1), client.ReadLineAsync()));
        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 0, "the end of the session", clock);
    }
}
