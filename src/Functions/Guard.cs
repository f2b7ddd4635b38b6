using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Functions;

/// <summary>Around every request: what goes wrong becomes a problem without the cause, which the log has.</summary>
internal sealed partial class Guard(RequestDelegate next, ILogger<Guard> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // A status is of the moment, and it is data of people.
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            if (context is { Response: { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null } })
            {
                await Problem.Refused(context.Response.StatusCode).ExecuteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Problem.Refused(e.StatusCode).ExecuteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            RequestFailed(log, e, context.Request.Method, context.Request.Path, e.Message);
            await (e is SpoolException ? Problem.Unavailable() : Problem.InternalError()).ExecuteAsync(context);
        }
    }

    [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Method} {Path} failed: {Cause}")]
    private static partial void RequestFailed(ILogger log, Exception exception, string method, PathString path, string cause);
}
