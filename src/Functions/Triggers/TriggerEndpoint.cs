using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Functions.Triggers;

/// <summary>
/// Where the host posts to a function: <c>POST /{Name}</c>. It is answered in JSON whatever happens: the host waits for
/// <c>functionTimeout</c> behind an empty answer, and then kills the process.
/// </summary>
internal sealed partial class TriggerEndpoint(ITrigger trigger, ILogger<TriggerEndpoint> log)
{
    private const string IdHeader = "X-Azure-Functions-InvocationId";

    private static readonly byte[] Done = """{"Outputs":{},"Logs":[],"ReturnValue":null}"""u8.ToArray();
    private static readonly byte[] Failed = """{"Outputs":{},"Logs":["It failed; the log of the handler has the cause."],"ReturnValue":null}"""u8.ToArray();

    /// <summary>Adds it.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost($"/{trigger.Name}", RunAsync);

    /// <summary>
    /// Requests of the world come through the same host to the same port, with the path that they like. The host forwards those under
    /// the name that the world calls it by, and none that is chunked; its own invocations are chunked, to a loopback address.
    /// </summary>
    internal static bool IsOfHost(HttpRequest request) =>
        request.ContentLength is null
        && string.Equals(request.Headers.TransferEncoding, "chunked", StringComparison.OrdinalIgnoreCase)
        && request.Headers.ContainsKey(IdHeader)
        && !request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
        && (IPAddress.TryParse(request.Host.Host, out var address) ? IPAddress.IsLoopback(address)
            : request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase));

    private async Task RunAsync(HttpContext context)
    {
        if (!IsOfHost(context.Request))
        {
            await Problem.NotFound("There is nothing at this path").ExecuteAsync(context);
            return;
        }

        var isDone = await TryAsync(context);
        context.Response.StatusCode = isDone ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "application/json; charset=utf-8";
        var answer = isDone ? Done : Failed;
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<bool> TryAsync(HttpContext context)
    {
        var id = LogText.OneLine(context.Request.Headers[IdHeader].ToString());
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var invocation = Invocation.Read(body.GetBuffer().AsMemory(0, (int)body.Length))
                ?? throw new InvalidDataException("the body is no invocation");
            await trigger.RunAsync(invocation, context.RequestAborted);
            return true;
        }
        catch (Exception e)
        {
            LogFailed(e, trigger.Name, id, e.Message);
            return false;
        }
    }

    [LoggerMessage(EventIds.InvocationFailed, LogLevel.Error, "{Function} failed and comes again ({Invocation}): {Cause}")]
    private partial void LogFailed(Exception exception, string function, string invocation, string cause);
}
