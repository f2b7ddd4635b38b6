using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Relay.Delivery;
using Relay.Hosting;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.SmtpIngress;

/// <summary>
/// An estate that only takes mail: the door, a spool that others share, and the two questions of whoever watches over it. What it takes is delivered elsewhere.
/// </summary>
internal sealed partial class IngressEstate : IAsyncDisposable
{
    /// <summary>For probes in flight when all else has ended.</summary>
    private static readonly TimeSpan HttpStopTimeout = TimeSpan.FromSeconds(5);

    private readonly Readiness readiness = new();
    private readonly RelayOptions options;
    private readonly EstateParts parts;
    private readonly StepSet set;
    private readonly Ingress ingress;
    private readonly HttpHost http;
    private readonly TimeProvider time;
    private readonly ILogger log;

    private IngressEstate(RelayOptions options, EstateParts parts, ILoggerFactory logs, TimeProvider time, Random random)
    {
        (this.options, this.parts, this.time) = (options, parts, time);
        log = logs.CreateLogger<IngressEstate>();
        set = new StepSet(options, parts.Stores, time, random, logs);
        ingress = new Ingress(options, parts, set, logs, time);
        http = new HttpHost(options.Http.Health ?? options.Http.Listener, logs, app =>
        {
            app.UseRouting();
            HealthApi.Map(app, parts.Stores.Spool, readiness, parts.Certificates is { } certificates ? () => certificates.Expiry : null, time);
        });
    }

    /// <summary>Where mail is taken, with real ports.</summary>
    public IReadOnlyList<IPEndPoint> SmtpEndpoints => ingress.Endpoints;

    /// <summary>Where probes are answered, with the real port.</summary>
    public IPEndPoint HttpEndpoint => http.Address;

    /// <summary>Opens everything and listens, or nothing.</summary>
    /// <exception cref="IOException">Something cannot be opened, or an address cannot be had; the message says what to do.</exception>
    public static async Task<IngressEstate> StartAsync(
        RelayOptions options, ILoggerFactory logs, TimeProvider time, Random random, CancellationToken cancel)
    {
        var estate = new IngressEstate(options, await EstateParts.OpenAsync(options, logs, time, cancel), logs, time, random);
        try
        {
            await estate.http.StartAsync(cancel);
            await estate.ingress.StartAsync(cancel);
            return estate;
        }
        catch
        {
            await estate.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends without loss: nothing new is taken, what is in flight is received and answered. Probes see why, to the end.</summary>
    public async Task DrainAsync()
    {
        readiness.Draining = true;
        LogDraining(options.Delivery.DrainTimeout.TotalSeconds);
        await ingress.DrainAsync(options.Delivery.DrainTimeout);
        using var patience = new CancellationTokenSource(HttpStopTimeout, time);
        await http.StopAsync(patience.Token);
        LogDrained();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ingress.DisposeAsync();
        await http.DisposeAsync();
        await set.DisposeAsync();
        await parts.DisposeAsync();
    }

    [LoggerMessage(EventIds.Draining, LogLevel.Information, "stopping: no new sessions, up to {Seconds} s for what is in flight")]
    private partial void LogDraining(double seconds);

    [LoggerMessage(EventIds.Drained, LogLevel.Information, "stopped: everything that was accepted is done or in the spool")]
    private partial void LogDrained();
}
