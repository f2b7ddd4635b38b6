using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Delivery;
using Relay.Functions;
using Relay.Hosting;
using Relay.Options;
using Relay.SmtpIngress;
using Relay.Telemetry;

namespace Relay.Cli.Serve;

/// <summary>
/// A whole relay in one process. This is the one place where its parts are put together; they start in the order in which a
/// message can depend on them, and stop the other way round.
/// </summary>
internal sealed partial class Estate : IAsyncDisposable
{
    /// <summary>For requests in flight when all else has ended. A half-sent one must not hold the process.</summary>
    private static readonly TimeSpan HttpStopTimeout = TimeSpan.FromSeconds(5);

    private readonly Stack<IAsyncDisposable> owned = new();
    private readonly CancellationTokenSource sweepStop = new();
    private readonly Readiness readiness = new();
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly Pump pump;
    private readonly Sweep sweep;
    private readonly HttpServer http;
    private readonly HttpHost? health;
    private readonly Ingress ingress;
    private Task sweeping = Task.CompletedTask;

    private Estate(
        RelayOptions options,
        EstateParts parts,
        ILoggerFactory logs,
        TimeProvider time,
        Random random)
    {
        Options = options;
        this.time = time;
        log = logs.CreateLogger<Estate>();
        Own(parts);
        var (spool, certificates) = (parts.Stores.Spool, parts.Certificates);
        var set = Own(new StepSet(options, parts.Stores, time, random, logs));
        pump = Own(new Pump(spool, set.Steps, options.Delivery, time, logs.CreateLogger<Pump>()));
        sweep = new Sweep(spool, options, time, logs.CreateLogger<Sweep>());
        http = Own(new HttpServer(
            options, spool, parts.Accounts, parts.Stores.Addresses, readiness, time, logs, certificates is null ? null : () => certificates.Expiry,
            set.Destinations, new QueueOperator(spool, logs.CreateLogger<QueueOperator>()) { TryAgain = set.Destinations.Reset }));
        if (options.Http.Health is { } probes)
        {
            health = Own(new HttpHost(probes, logs, app =>
            {
                app.UseRouting();
                HealthApi.Map(app, spool, readiness, certificates is null ? null : () => certificates.Expiry, time);
            }));
        }

        ingress = Own(new Ingress(options, parts, set, logs, time));
    }

    public RelayOptions Options { get; }

    /// <summary>Where SMTP listens, with real ports.</summary>
    public IReadOnlyList<IPEndPoint> SmtpEndpoints => ingress.Endpoints;

    /// <summary>Where HTTP listens, with the real port.</summary>
    public IPEndPoint HttpEndpoint => http.Address;

    /// <summary>
    /// Opens files, keys and certificates, then lets questions be asked and mail come in, and at last work be
    /// done: a relay that cannot listen must not begin attempts only to cut them off, each time that it is started.
    /// </summary>
    /// <exception cref="IOException">
    /// Something cannot be opened, or an address cannot be had; the message says what to do.
    /// </exception>
    public static async Task<Estate> StartAsync(
        RelayOptions options, ILoggerFactory logs, TimeProvider time, Random random, CancellationToken cancel)
    {
        var parts = await EstateParts.OpenAsync(options, logs, time, cancel);
        var estate = new Estate(options, parts, logs, time, random);
        try
        {
            await estate.http.StartAsync(cancel);
            if (estate.health is not null)
            {
                await estate.health.StartAsync(cancel);
            }

            await estate.ingress.StartAsync(cancel);
            estate.pump.Start();
            estate.sweeping = Task.Run(() => estate.sweep.RunAsync(estate.sweepStop.Token), CancellationToken.None);
            return estate;
        }
        catch
        {
            await estate.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Ends without loss: nothing new is taken, what is in flight finishes or, after <c>Delivery:DrainTimeout</c>, stays in
    /// the spool. Questions are answered to the end, so that a load balancer sees why.
    /// </summary>
    public async Task DrainAsync()
    {
        readiness.Draining = true;
        LogDraining(Options.Delivery.DrainTimeout.TotalSeconds);
        await sweepStop.CancelAsync();
        await Task.WhenAll(
            ingress.DrainAsync(Options.Delivery.DrainTimeout),
            pump.DrainAsync(Options.Delivery.DrainTimeout));
        using var patience = new CancellationTokenSource(HttpStopTimeout, time);
        await http.StopAsync(patience.Token);
        await DisposeAsync();
        LogDrained();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (owned.Count == 0)
        {
            return;
        }

        await sweepStop.CancelAsync();
        await sweeping;
        while (owned.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        sweepStop.Dispose();
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        owned.Push(part);
        return part;
    }

    [LoggerMessage(EventIds.Draining, LogLevel.Information, "stopping: no new sessions, up to {Seconds} s for what is in flight")]
    private partial void LogDraining(double seconds);

    [LoggerMessage(EventIds.Drained, LogLevel.Information, "stopped: everything that was accepted is done or in the spool")]
    private partial void LogDrained();
}
