using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Addresses;
using Relay.Checks;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.SmtpIngress.Tests;

public sealed class SmtpServerTests
{
    private static readonly TimeSpan IdleTimeout = new SmtpOptions().IdleTimeout;

    [Fact]
    public async Task A_client_that_is_silent_for_too_long_is_told_so_and_closed()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        Assert.StartsWith("220 ", await client.ReadLineAsync());

        Assert.Equal("421 4.4.2 Silent for too long", await Eventually.AfterAsync(clock, IdleTimeout, client.ReadLineAsync()));
        Assert.Null(await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_client_that_is_silent_inside_data_for_too_long_leaves_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(new SmtpOptions { MinTransferRate = 0 }, time: clock);
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        await client.SendAsync("half a line");

        Assert.Equal("421 4.4.2 Silent for too long", await Eventually.AfterAsync(clock, IdleTimeout, client.ReadLineAsync()));
        Assert.Null(await client.ReadLineAsync());
        await NothingIsLeftAsync(server);
    }

    [Fact]
    public async Task A_client_that_speaks_now_and_then_is_not_closed()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        await client.ReadLineAsync();
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(IdleTimeout - TimeSpan.FromSeconds(1));
            Assert.Equal("250 2.0.0 OK", await client.SayAsync("NOOP"));
        }
    }

    [Theory]
    [InlineData("AUTH PLAIN AGFwcABzZWNyZXQ=")]
    [InlineData("auth\tplain AGFwcABzZWNyZXQ=")]
    [InlineData(" AUTH PLAIN AGFwcABzZWNyZXQ=")]
    [InlineData("AGFwcABzZWNyZXQ=")]
    public async Task No_password_is_in_the_log_even_where_none_was_asked_for(string line)
    {
        using var logs = new OneLog();
        await using var server = await TestServer.StartAsync(new TestServerOptions { Logs = logs });
        await using var client = await server.ConnectAsync();
        Assert.StartsWith("220 ", await client.ReadReplyAsync());
        Assert.StartsWith("50", await client.SayAsync(line));
        Assert.StartsWith("221 ", await client.SayAsync("QUIT"));

        Assert.Contains(logs.Log.Lines, logged => logged.Event == EventIds.Command);
        Assert.DoesNotContain(logs.Log.Lines, logged => logged.Text.Contains("AGFwc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_reply_to_content_waits_for_nothing_that_was_sent_after_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Spool.Gate = first.Task;
        await client.BeginDataAsync();
        await client.SendAsync("one\r\n.\r\nMAIL FROM:<a@client.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\ntwo\r\n.\r\n");
        await Eventually.HoldsAsync(() => server.Spool.Accepts == 1, "the first message at the spool");

        server.Spool.Gate = second.Task;
        first.SetResult();

        Assert.StartsWith("250 2.0.0 Accepted ", await client.ReadLineAsync());
        second.SetResult();
        Assert.StartsWith("250 2.1.0 ", await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_client_that_reads_no_replies_is_cut()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(server.Server.Endpoints[0]);
        var flood = Task.Run(async () =>
        {
            var help = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HELP\r\n", 1000)));
            while (true)
            {
                await socket.SendAsync(help);
            }
        });

        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 0 && flood.IsCompleted, "the end of the session", clock);
        await Assert.ThrowsAsync<SocketException>(() => flood);
    }

    [Fact]
    public async Task A_refused_client_that_does_not_go_is_closed_soon()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(trusted: false, time: clock);
        await using var client = await server.ConnectAsync();
        await client.ReadLineAsync();
        Assert.StartsWith("500 5.5.2 ", await SendBareLineFeedAsync(client));

        Assert.Null(await Eventually.AfterAsync(clock, TimeSpan.Zero, client.ReadLineAsync()));
        Assert.True(clock.GetUtcNow() - clock.Start < IdleTimeout, "as late as an idle client");
    }

    [Fact]
    public async Task A_client_that_vanishes_inside_data_leaves_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        await client.SendAsync("Subject: half\r\n");

        client.Reset();
        await NothingIsLeftAsync(server);
    }

    [Fact]
    public async Task A_session_too_many_is_turned_away_and_room_is_made_when_one_ends()
    {
        await using var server = await TestServer.StartAsync(new SmtpOptions { MaxSessions = 1 });
        await using var first = await server.ConnectAsync();
        Assert.StartsWith("220 ", await first.ReadLineAsync());

        await using var second = await server.ConnectAsync();
        Assert.Equal("421 4.3.2 Too many sessions, try again later", await second.ReadLineAsync());
        Assert.Null(await second.ReadLineAsync());

        Assert.StartsWith("221 ", await first.SayAsync("QUIT"));
        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 0, "the end of all sessions");
        await using var third = await server.ConnectAsync();
        Assert.StartsWith("220 ", await third.ReadLineAsync());
    }

    [Fact]
    public async Task Draining_tells_idle_clients_to_go_and_takes_no_new_ones()
    {
        await using var server = await TestServer.StartAsync();
        await using var idle = await server.ConnectAsync();
        await idle.ReadLineAsync();
        await using var between = await server.ConnectAsync();
        await between.ReadLineAsync();
        await between.SayAsync("HELO client.test");
        await between.SayAsync("MAIL FROM:<a@client.test>");

        await server.Server.DrainAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        foreach (var client in new[] { idle, between })
        {
            Assert.Equal("421 4.3.2 Stopping, try again later", await client.ReadLineAsync());
            Assert.Null(await client.ReadLineAsync());
        }

        await Assert.ThrowsAsync<SocketException>(server.ConnectAsync);
    }

    [Fact]
    public async Task Draining_lets_content_in_flight_finish_and_its_250_arrive()
    {
        await using var server = await TestServer.StartAsync();
        var gate = new TaskCompletionSource();
        server.Spool.Gate = gate.Task;
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        await client.SendAsync("Subject: in flight\r\n");

        var drained = server.Server.DrainAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        await client.SendAsync("\r\nthe rest\r\n.\r\nMAIL FROM:<next@client.test>\r\n");
        Assert.False(drained.IsCompleted);
        gate.SetResult();

        Assert.StartsWith("250 2.0.0 Accepted ", await client.ReadLineAsync());
        Assert.Equal("421 4.3.2 Stopping, try again later", await client.ReadLineAsync());
        await drained;
        Assert.Single(server.Spool.Messages);
    }

    [Fact]
    public async Task Draining_does_not_wait_for_the_header_of_a_load_balancer()
    {
        var wanted = new TestServerOptions { Time = new FakeTimeProvider() };
        await using var server = await TestServer.StartAsync(
            wanted with { Listener = wanted.Listener with { Proxy = wanted.Smtp.TrustedNetworks } });
        await using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP4 ");
        await Eventually.HoldsAsync(() => server.Server.OpenSessions == 1, "the session");

        var drained = server.Server.DrainAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

        await Eventually.HoldsAsync(() => drained.IsCompleted, "the end of the drain");
        Assert.Null(await client.ReadLineAsync());
    }

    [Fact]
    public async Task Draining_cuts_what_is_left_after_the_time_out()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(time: clock);
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();

        var drained = server.Server.DrainAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        await Eventually.HoldsAsync(() => drained.IsCompleted, "the end of the drain", clock);
        await drained;
        Assert.True(clock.GetUtcNow() - clock.Start >= TimeSpan.FromSeconds(20));
        Assert.Null(await client.ReadLineAsync());
        await NothingIsLeftAsync(server);
    }

    [Fact]
    public async Task Draining_cuts_at_once_when_it_is_cancelled()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();

        using var cancel = new CancellationTokenSource();
        var drained = server.Server.DrainAsync(TimeSpan.FromHours(1), cancel.Token);
        await cancel.CancelAsync();
        await drained;
        Assert.Null(await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_what_to_do()
    {
        await using var first = await TestServer.StartAsync();
        var taken = first.Server.Endpoints[0];
        await using var second = NewServer(new IPEndPoint(IPAddress.Loopback, 0), taken);

        var error = await Assert.ThrowsAsync<ListenException>(() => second.StartAsync(CancellationToken.None));
        Assert.Equal(
            $"Cannot listen on {taken} for SMTP: the port is in use. Stop the program that has it, or set another port in Smtp:Listeners.",
            error.Message);
        Assert.Empty(second.Endpoints);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named_with_what_to_do()
    {
        await using var server = NewServer(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0));
        var error = await Assert.ThrowsAsync<ListenException>(() => server.StartAsync(CancellationToken.None));
        Assert.Contains("192.0.2.1:0", error.Message);
        Assert.Contains("no such address", error.Message);
    }

    [Fact]
    public async Task An_ipv4_client_on_an_ipv6_listener_is_known_by_its_ipv4_address()
    {
        var spool = new MemorySpool();
        await using var server = NewServer(spool, new IPEndPoint(IPAddress.IPv6Any, 0));
        await server.StartAsync(CancellationToken.None);
        await using var client = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Endpoints[0].Port));
        await client.BeginDataAsync();
        Assert.StartsWith("250 ", await client.SayAsync("."));
        Assert.Equal("127.0.0.1", Assert.Single(spool.Messages).Message.Origin.ClientAddress);
    }

    [Fact]
    public async Task A_message_carries_who_handed_it_in()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        Assert.StartsWith("250 ", await client.SayAsync("."));

        var origin = Assert.Single(server.Spool.Messages).Message.Origin;
        Assert.Equal(("ESMTP", "127.0.0.1", "client.test"), (origin.Protocol, origin.ClientAddress, origin.Helo));
        Assert.Matches("^[0-9a-z]{10}$", origin.SessionId);
    }

    [Fact]
    public async Task A_large_message_arrives_octet_for_octet()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.BeginDataAsync();
        var content = new byte[5_000_000];
        new Random(1).NextBytes(content);
        for (var i = 0; i < content.Length; i++)
        {
            content[i] = content[i] is (byte)'\r' or (byte)'\n' or (byte)'.' ? (byte)' ' : content[i];
        }

        await client.SendAsync(content);
        Assert.StartsWith("250 ", await client.SayAsync("\r\n."));
        var stored = Assert.Single(server.Spool.Messages).ContentAsSent(TestServer.HostName);
        Assert.True(stored.SequenceEqual([.. content, .. "\r\n"u8]));
    }

    private static async Task<string?> SendBareLineFeedAsync(TestClient client)
    {
        await client.SendAsync("NOOP\n");
        return await client.ReadLineAsync();
    }

    private static async Task NothingIsLeftAsync(TestServer server)
    {
        await Eventually.HoldsAsync(() => server.Spool.OpenContents == 0, "content is given up");
        Assert.Empty(server.Spool.Messages);
    }

    private static SmtpServer NewServer(params IPEndPoint[] listeners) => NewServer(new MemorySpool(), listeners);

    private static SmtpServer NewServer(MemorySpool spool, params IPEndPoint[] listeners)
    {
        var options = new RelayOptions
        {
            HostName = TestServer.HostName,
            Data = "unused",
            Smtp = new SmtpOptions { Listeners = [.. listeners.Select(address => new ListenerOptions { Address = address })] },
        };
        var intake = new Intake(spool, options, TimeProvider.System, NullLogger<Intake>.Instance);
        return new SmtpServer(
            options, intake, new Router(options.Routes), EmptyAddressBook.Instance, CheckRunner.None, authenticator: null, selectCertificate: null, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
