using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Checks;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>What a server of a test is like; as it stands it trusts loopback and captures everything.</summary>
internal sealed record TestServerOptions
{
    public SmtpOptions Smtp { get; init; } = new();

    /// <summary>What the one listener is like; its address is a free port of loopback.</summary>
    public ListenerOptions Listener { get; init; } = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) };

    public bool IsTrusted { get; init; } = true;

    /// <summary>Everybody may send to everybody, so that an untrusted client gets as far as DATA.</summary>
    public bool IsOpenRelay { get; init; }

    public IReadOnlyList<string> Routes { get; init; } = ["*"];

    /// <summary>Routes that stand before the one that captures.</summary>
    public IReadOnlyList<Route> RoutesBefore { get; init; } = [];

    public IReadOnlyList<DomainOptions> Domains { get; init; } = [];

    public IReadOnlyList<Alias> Aliases { get; init; } = [];

    public MemoryAddressBook Addresses { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public X509Certificate2? Certificate { get; init; }

    public Authenticator? Authenticator { get; init; }

    /// <summary>As a relay would have them; a test that is not about checks has none.</summary>
    public CheckOptions CheckOptions { get; init; } = new() { Modes = CheckModes.Off };

    public LocalListsOptions Lists { get; init; } = new();

    public IReadOnlyList<DnsListOptions> DnsLists { get; init; } = [];

    /// <summary>Checks beside those of a relay.</summary>
    public IReadOnlyList<ICheck> FurtherChecks { get; init; } = [];

    public TableDns Dns { get; } = new();

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>A real server on a free port of loopback, before a spool in memory.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string HostName = "relay.test";

    /// <summary>What marks return-paths as ours.</summary>
    public static readonly ReturnPathSecrets Secrets = ReturnPathSecrets.Of("a secret of the tests");

    /// <summary>Nobody's network (RFC 5737): with it, loopback is not trusted.</summary>
    private static readonly IPNetwork Nobody = IPNetwork.Parse("192.0.2.0/24");

    private TestServer(SmtpServer server, MemorySpool spool)
    {
        Server = server;
        Spool = spool;
    }

    public SmtpServer Server { get; }

    public MemorySpool Spool { get; }

    public static Task<TestServer> StartAsync(SmtpOptions? smtp = null, bool trusted = true, TimeProvider? time = null) =>
        StartAsync(new TestServerOptions { Smtp = smtp ?? new SmtpOptions(), IsTrusted = trusted, Time = time ?? TimeProvider.System });

    public static async Task<TestServer> StartAsync(TestServerOptions wanted)
    {
        var options = new RelayOptions
        {
            HostName = HostName,
            Data = "unused",
            Smtp = wanted.Smtp with
            {
                Listeners = [wanted.Listener],
                TrustedNetworks = wanted.IsTrusted ? new SmtpOptions().TrustedNetworks : [Nobody],
            },
            Domains = wanted.Domains,
            Aliases = wanted.Aliases,
            Bounces = new BounceOptions { Domain = "bounces.test" },
            Checks = wanted.CheckOptions,
            Lists = wanted.Lists,
            DnsLists = wanted.DnsLists,
        };
        var router = new Router([.. wanted.RoutesBefore, new Route { Name = "capture", Kind = RouteKind.Capture, Recipients = wanted.Routes }]);
        var spool = new MemorySpool();
        var intake = new Intake(spool, options, wanted.Time, NullLogger<Intake>.Instance);
        IRelayPolicy policy = wanted.IsOpenRelay
            ? new OpenRelay()
            : new RelayPolicy(router, new LiveDomains(options, wanted.Addresses), options.HostName,
                new ForwardingParts(options, Secrets, wanted.Addresses, wanted.Time).Known);
        var checks = CheckSet.Of(options, wanted.Dns, http: null, wanted.Time, NullLoggerFactory.Instance).Concat(wanted.FurtherChecks);
        var runner = new CheckRunner(checks, options.Checks, wanted.Time, NullLogger<CheckRunner>.Instance);
        var server = new SmtpServer(
            options, intake, policy, wanted.Addresses, runner, wanted.Authenticator, Selecting(wanted.Certificate), wanted.Time, wanted.Logs);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, spool);
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Server.Endpoints[0]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Spool.DisposeAsync();
    }

    private static ServerOptionsSelectionCallback? Selecting(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return null;
        }

        var options = new SslServerAuthenticationOptions { ServerCertificate = certificate };
        return (_, _, _, _) => ValueTask.FromResult(options);
    }

    /// <summary>Takes everything from everybody.</summary>
    private sealed class OpenRelay : IRelayPolicy
    {
        public SmtpReply? Refuse(in RouteQuery query, bool mayRelay) => null;
    }
}
