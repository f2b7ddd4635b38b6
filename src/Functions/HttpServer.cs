using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Spool;

namespace Relay.Functions;

/// <summary>
/// The HTTP server of a relay that runs by itself. It takes its address from the options alone: no other file and no
/// variable of the web framework has a say, and signals are left to the process that owns it.
/// </summary>
public sealed class HttpServer : IAsyncDisposable
{
    /// <summary>Octets. No request of this API has a body.</summary>
    private const int MaxBodySize = 64 * 1024;

    private const int MaxConnections = 1000;

    private readonly WebApplication app;

    /// <summary>Builds the server; nothing listens yet.</summary>
    public HttpServer(RelayOptions options, ISpool spool, Readiness readiness, TimeProvider time, ILoggerFactory logs)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Relay" });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(options.Http.Listener);
        });

        app = builder.Build();
        app.UseMiddleware<Guard>();
        app.UseRouting();
        HealthApi.Map(app, spool, readiness, time);
        StatusApi.Map(app, spool, time);
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

    /// <summary>Begins to listen. Throws <see cref="IOException"/> when the address cannot be had.</summary>
    public Task StartAsync(CancellationToken cancel) => app.StartAsync(cancel);

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
