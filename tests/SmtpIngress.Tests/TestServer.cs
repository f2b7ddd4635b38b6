using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>A real server on a free port of loopback, before a spool in memory.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string HostName = "relay.test";

    /// <summary>Nobody's network (RFC 5737): with it, loopback is not trusted.</summary>
    private static readonly IPNetwork Nobody = IPNetwork.Parse("192.0.2.0/24");

    private TestServer(SmtpServer server, MemorySpool spool)
    {
        Server = server;
        Spool = spool;
    }

    public SmtpServer Server { get; }

    public MemorySpool Spool { get; }

    public static async Task<TestServer> StartAsync(
        SmtpOptions? smtp = null,
        bool trusted = true,
        bool openRelay = false,
        TimeProvider? time = null,
        params string[] routedRecipients)
    {
        var options = new RelayOptions
        {
            HostName = HostName,
            Data = "unused",
            Smtp = (smtp ?? new SmtpOptions()) with
            {
                Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
                TrustedNetworks = trusted ? new SmtpOptions().TrustedNetworks : [Nobody],
            },
        };
        var patterns = routedRecipients.Length == 0 ? ["*"] : routedRecipients;
        var router = new Router([new Route { Name = "capture", Kind = RouteKind.Capture, Recipients = patterns }]);
        var clock = time ?? TimeProvider.System;
        var spool = new MemorySpool();
        var intake = new Intake(spool, options, clock, NullLogger<Intake>.Instance);
        IRelayPolicy policy = openRelay ? new OpenRelay() : new RelayPolicy(router);
        var server = new SmtpServer(options, intake, policy, clock, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, spool);
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Server.Endpoints[0]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Spool.DisposeAsync();
    }

    /// <summary>Takes everything from everybody, so that an untrusted client gets as far as DATA.</summary>
    private sealed class OpenRelay : IRelayPolicy
    {
        public SmtpReply? Refuse(Mailbox recipient, bool isTrusted) => null;
    }
}
