using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Relay.Support;

/// <summary>One question that the filter was asked.</summary>
/// <param name="Target">Method and path.</param>
/// <param name="Fields">Of the header of the request, by name without case.</param>
/// <param name="Content">The message.</param>
public sealed record FilterQuestion(string Target, IReadOnlyDictionary<string, string> Fields, byte[] Content);

/// <summary>A filter on loopback that speaks the HTTP protocol of rspamd, and answers as a test asks for.</summary>
public sealed class FilterStub : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<FilterQuestion> questions = new();

    private FilterStub(WebApplication web) => this.web = web;

    /// <summary>What <c>Filter:Url</c> is to be.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>All questions, oldest first.</summary>
    public IReadOnlyList<FilterQuestion> Questions => [.. questions];

    /// <summary>What it does when the message was read.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = Json("""{"action":"no action","score":0.1,"required_score":15}""");

    /// <summary>Opens one at any free port.</summary>
    public static async Task<FilterStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MaxRequestBodySize = null;
        });
        var stub = new FilterStub(builder.Build());
        stub.web.Run(stub.RunAsync);
        await stub.web.StartAsync();
        stub.Address = new Uri(stub.web.Urls.Single());
        return stub;
    }

    /// <summary>An answer of this text.</summary>
    public static Func<HttpContext, Task> Json(string json, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task RunAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        questions.Enqueue(new FilterQuestion(
            $"{context.Request.Method} {context.Request.Path}",
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            content.ToArray()));
        await Answer(context);
    }
}
