using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Certificates;
using Relay.Delivery;
using Relay.Delivery.Destinations;
using Relay.Hosting;
using Relay.Options;
using Relay.Spool;

namespace Relay.Functions;

/// <summary>
/// The HTTP server of a relay that runs by itself: all that there is to ask.
/// </summary>
public sealed class HttpServer : IAsyncDisposable
{
    private readonly HttpHost host;

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
        host = new HttpHost(options.Http.Listener, logs, app =>
        {
            app.UseMiddleware<Guard>();
            if (IPAddress.IsLoopback(options.Http.Listener.Address))
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
        });
    }

    /// <summary>Where it listens, with the real port; the configured one may be 0. Only after <see cref="StartAsync"/>.</summary>
    public IPEndPoint Address => host.Address;

    /// <summary>Begins to listen. Throws <see cref="IOException"/>, with what to do on one line, when the address cannot be had.</summary>
    public Task StartAsync(CancellationToken cancel) => host.StartAsync(cancel);

    /// <summary>Stops to listen and lets requests in flight finish, until <paramref name="cancel"/>.</summary>
    public Task StopAsync(CancellationToken cancel) => host.StopAsync(cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => host.DisposeAsync();
}
