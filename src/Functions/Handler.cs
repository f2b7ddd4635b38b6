using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Functions;

/// <summary>
/// The custom handler of Azure Functions: a server on loopback to which the host posts what triggers, and forwards what the world
/// asks. It listens at once, so that the host's ping is answered while storage is still being opened; all else waits for that.
/// </summary>
internal sealed partial class Handler : IAsyncDisposable
{
    /// <summary>How long a request waits for storage to be opened.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan OpenPause = TimeSpan.FromSeconds(5);
    private readonly WebApplication app;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly Readiness readiness = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Func<CancellationToken, Task<HandlerEstate>> open;
    private readonly TaskCompletionSource<RequestDelegate> requests = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing listens yet, and nothing is opened.</summary>
    public Handler(RelayOptions options, int port, ILoggerFactory logs, TimeProvider time, Random random)
    {
        this.time = time;
        log = logs.CreateLogger<Handler>();
        open = cancel => HandlerEstate.OpenAsync(options, readiness, logs, time, random, cancel);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Relay" });
        builder.Services.AddSingleton(logs);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = HttpHost.MaxBodySize;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            readiness.Draining = true;
            closing.Cancel();
        });
        app.Run(AnswerAsync);
    }

    /// <summary>Serves until the host ends it.</summary>
    public async Task RunAsync()
    {
        await app.StartAsync();
        if (await OpenAsync() is { } estate)
        {
            await using (estate)
            {
                requests.SetResult(PipelineOf(estate));
                await app.WaitForShutdownAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        closing.Dispose();
    }

    /// <summary>
    /// Tries until it is done: storage may be gone for a while, and a host that has started its handler in vain a few times gives up.
    /// Null when the handler was ended before.
    /// </summary>
    private async Task<HandlerEstate?> OpenAsync()
    {
        while (true)
        {
            try
            {
                return await open(closing.Token);
            }
            catch (Exception) when (closing.IsCancellationRequested)
            {
                return null;
            }
            catch (IOException e)
            {
                LogNotOpened(e, e.Message);
                await Task.Delay(OpenPause, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
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

    private async Task AnswerAsync(HttpContext context)
    {
        if (IsPing(context.Request))
        {
            return;
        }

        try
        {
            await requests.Task.WaitAsync(OpenTimeout, time, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            await Problem.Unavailable().ExecuteAsync(context);
            return;
        }

        await (await requests.Task)(context);
    }

    private static bool IsPing(HttpRequest request) => request.Path == "/" && HttpMethods.IsGet(request.Method);

    [LoggerMessage(EventIds.HandlerNotOpened, LogLevel.Critical, "cannot open the storage of the relay, trying again: {Cause}")]
    private partial void LogNotOpened(Exception exception, string cause);
}
