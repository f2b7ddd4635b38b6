using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Certificates;
using Relay.Delivery;
using Relay.Delivery.Destinations;
using Relay.Options;
using Relay.Spool;

namespace Relay.Functions;

/// <summary>
/// The HTTP server of a relay that runs by itself. It takes its address from the options alone: no other file and no
/// variable of the web framework has a say, and signals are left to the process that owns it.
/// </summary>
public sealed class HttpServer : IAsyncDisposable
{
    /// <summary>Octets. The longest body has all recipients of a domain.</summary>
    internal const int MaxBodySize = 1024 * 1024;

    private const int MaxConnections = 1000;

    private readonly WebApplication app;
    private readonly IPEndPoint listener;

    /// <summary>Builds the server; nothing listens yet.</summary>
    /// <param name="certificates">What this server's certificates are now; null when it has none.</param>
    /// <param name="destinations">How destinations are doing; null where nothing is delivered.</param>
    /// <param name="queue">Who changes the queue; null for one that tells nobody.</param>
    public HttpServer(
        RelayOptions options,
        ISpool spool,
        IAccounts accounts,
        IAddressBook addresses,
        Readiness readiness,
        TimeProvider time,
        ILoggerFactory logs,
        Func<IReadOnlyList<CertificateExpiry>>? certificates = null,
        IDestinations? destinations = null,
        QueueOperator? queue = null)
    {
        listener = options.Http.Listener;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Relay" });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(listener);
        });

        app = builder.Build();
        app.UseMiddleware<Guard>();
        if (IPAddress.IsLoopback(listener.Address))
        {
            app.Use((context, next) => new LoopbackHosts(options.HostName).Allows(context.Request) ? next(context) : Problem.Misdirected().ExecuteAsync(context));
        }

        app.UseRouting();
        new HttpApi(options, spool, accounts, addresses, readiness, time, logs)
        {
            Certificates = certificates,
            Destinations = destinations,
            Queue = queue,
        }.Map(app);
    }

    /// <summary>Where it listens, with the real port; the configured one may be 0. Only after <see cref="StartAsync"/>.</summary>
    public IPEndPoint Address
    {
        get
        {
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
            var address = addresses?.FirstOrDefault() ?? throw new InvalidOperationException("the HTTP server is not started");
            var uri = new Uri(address);
            return new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
        }
    }

    /// <summary>Begins to listen. Throws <see cref="IOException"/>, with what to do on one line, when the address cannot be had.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IOException($"Cannot listen on {listener} for HTTP: {(e.InnerException ?? e).Message}. Set another address in Http:Listener.", e);
        }
    }

    /// <summary>Stops to listen and lets requests in flight finish, until <paramref name="cancel"/>.</summary>
    public Task StopAsync(CancellationToken cancel) => app.StopAsync(cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>In place of the framework's own, which takes the signals of the process.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
