using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Relay.Hosting;

/// <summary>
/// An HTTP server inside a process that is more than that. It takes its address from its caller alone: no other file and no
/// variable of the web framework has a say, and signals are left to the process that owns it.
/// </summary>
public sealed class HttpHost : IAsyncDisposable
{
    /// <summary>Octets. The longest body has all recipients of a domain.</summary>
    public const int MaxBodySize = 1024 * 1024;

    private const int MaxConnections = 1000;

    private readonly WebApplication app;
    private readonly IPEndPoint listener;

    /// <summary>Builds the server; nothing listens yet.</summary>
    /// <param name="map">Adds what it answers.</param>
    public HttpHost(IPEndPoint listener, ILoggerFactory logs, Action<WebApplication> map)
    {
        this.listener = listener;
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
        map(app);
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
            throw new IOException($"Cannot listen on {listener} for HTTP: {(e.InnerException ?? e).Message}. Set another address in Http:Listener or Http:Health.", e);
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
