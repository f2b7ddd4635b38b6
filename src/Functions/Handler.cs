using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Functions;

/// <summary>
/// The custom handler of Azure Functions: a server on loopback to which the host posts what triggers, and forwards what the world
/// asks. It listens at once, so that the host's ping is answered while storage is still being opened; all else waits for that.
/// </summary>
internal sealed partial class Handler : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ILogger log;
    private readonly Readiness readiness = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Lazy<Task<(HandlerEstate Estate, RequestDelegate Requests)>> opened;

    /// <summary>Nothing listens yet, and nothing is opened.</summary>
    public Handler(RelayOptions options, int port, ILoggerFactory logs, TimeProvider time, Random random)
    {
        log = logs.CreateLogger<Handler>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Relay" });
        builder.Services.AddSingleton(logs);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = HttpServer.MaxBodySize;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        app = builder.Build();
        opened = new(async () =>
        {
            var estate = await HandlerEstate.OpenAsync(options, readiness, logs, time, random, closing.Token);
            return (estate, PipelineOf(estate));
        });
        app.Run(RunAsync);
    }

    /// <summary>Serves until the host ends it. False when storage could not be opened.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        await app.StartAsync(cancel);
        try
        {
            await opened.Value;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotOpened(e, e.Message);
            return false;
        }

        using var stopping = app.Lifetime.ApplicationStopping.Register(() => readiness.Draining = true);
        await app.WaitForShutdownAsync(cancel);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await app.DisposeAsync();
        if (opened is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await opened.Value).Estate.DisposeAsync();
        }

        closing.Dispose();
    }

    /// <summary>Everything but the ping.</summary>
    private RequestDelegate PipelineOf(HandlerEstate estate)
    {
        var pipeline = new ApplicationBuilder(app.Services);
        pipeline.UseMiddleware<Guard>();
        pipeline.UseRouting();
        pipeline.UseEndpoints(estate.Map);
        return pipeline.Build();
    }

    private async Task RunAsync(HttpContext context)
    {
        if (!IsPing(context.Request))
        {
            await (await opened.Value).Requests(context);
        }
    }

    private static bool IsPing(HttpRequest request) => request.Path == "/" && HttpMethods.IsGet(request.Method);

    [LoggerMessage(EventIds.HandlerNotOpened, LogLevel.Critical, "cannot open the storage of the relay: {Cause}")]
    private partial void LogNotOpened(Exception exception, string cause);
}
