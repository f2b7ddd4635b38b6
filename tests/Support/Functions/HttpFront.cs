using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Relay.Support.Functions;

/// <summary>What the world asks of the functions with an HTTP trigger: it is forwarded to the handler, but for what is chunked.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    /// <summary>The key of functions whose level is <c>function</c>.</summary>
    public const string Key = "host-key";

    private readonly WebApplication server;
    private readonly PublishedApp app;
    private readonly HandlerProcess handler;

    private HttpFront(PublishedApp app, HandlerProcess handler)
    {
        this.app = app;
        this.handler = handler;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        server = builder.Build();
        server.Run(ForwardAsync);
    }

    public Uri Address => new(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<HttpFront> StartAsync(PublishedApp app, HandlerProcess handler)
    {
        var front = new HttpFront(app, handler);
        await front.server.StartAsync();
        return front;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ForwardAsync(HttpContext context)
    {
        if (FunctionOf(context.Request) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (function.AuthLevel != "anonymous" && context.Request.Headers["x-functions-key"] != Key && context.Request.Query["code"] != Key)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (!app.ForwardsHttp || context.Request.Headers.TransferEncoding.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        else
        {
            await handler.EnsureAsync();
            await ForwardAsync(context.Request, context.Response);
        }
    }

    /// <summary>A route of its own stands before the one that takes all.</summary>
    private PublishedFunction? FunctionOf(HttpRequest request)
    {
        var path = request.Path.Value!.Trim('/');
        return app.Functions.Where(f => f.Trigger == "httpTrigger" && f.Methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase))
            .Where(f => f.Route == "{*path}" || (app.RoutePrefix + f.Route).Equals(path, StringComparison.OrdinalIgnoreCase))
            .MinBy(f => f.Route == "{*path}");
    }

    private async Task ForwardAsync(HttpRequest request, HttpResponse response)
    {
        // The path comes decoded but for %2F, and is encoded anew: what was written %3A or %2B arrives bare.
        var path = string.Join('/', request.Path.Value!.Split('/').Select(part =>
            Uri.EscapeDataString(part).Replace("%3A", ":").Replace("%2B", "+").Replace("%40", "@").Replace("%252F", "%2F")));
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(handler.Address, path + request.QueryString.Value));
        if (request.ContentLength is { } length)
        {
            forwarded.Content = new StreamContent(request.Body);
            forwarded.Content.Headers.ContentLength = length;
        }

        foreach (var (name, values) in request.Headers.Where(header => header.Key != "Content-Length"))
        {
            if (!forwarded.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                forwarded.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        forwarded.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        using var answer = await handler.Client.SendAsync(forwarded, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            response.Headers.Append(name, values.ToArray());
        }

        if (answer.Content.Headers.ContentLength is not 0 && request.HttpContext.Features.Get<IHttpResponseBodyFeature>() is not null
            && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Remove("Transfer-Encoding");
            await answer.Content.CopyToAsync(response.Body);
        }
    }
}
