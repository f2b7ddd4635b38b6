using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Relay.Support;

/// <summary>A mail that the stub has taken.</summary>
/// <param name="Operation">The id of its operation.</param>
/// <param name="Email">The request.</param>
public sealed record AcsStubMail(string Operation, JsonElement Email)
{
    /// <summary>All addresses of a list.</summary>
    public IReadOnlyList<string> Addresses(string list) =>
        Email.GetProperty("recipients").TryGetProperty(list, out var found)
            ? [.. found.EnumerateArray().Select(a => a.GetProperty("address").GetString()!)]
            : [];

    /// <summary>Whoever gets it.</summary>
    public IReadOnlyList<string> Everybody => [.. Addresses("to"), .. Addresses("cc"), .. Addresses("bcc")];
}

/// <summary>
/// The REST API of Azure Communication Services Email on loopback, strict about its contract: what the service refuses is refused
/// here with the same status, and a test says what else is to go wrong.
/// </summary>
public sealed class AcsStub : IAsyncDisposable
{
    /// <summary>The access key, in base64.</summary>
    public const string AccessKey = "c2VjcmV0IGtleSBvZiB0aGUgc3R1Yg==";

    private static readonly HashSet<string> EmailProperties =
        ["senderAddress", "content", "recipients", "replyTo", "headers", "attachments", "userEngagementTrackingDisabled"];

    private readonly WebApplication web;
    private readonly ConcurrentQueue<AcsStubMail> mails = new();
    private readonly ConcurrentQueue<string> calls = new();
    private readonly ConcurrentDictionary<string, (string Status, string? Code)> operations = new(StringComparer.OrdinalIgnoreCase);

    private AcsStub(WebApplication web) => this.web = web;

    /// <summary>The endpoint.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>What a configuration names it by.</summary>
    public string ConnectionString => $"endpoint={Endpoint};accesskey={AccessKey}";

    /// <summary>Mail that was taken, oldest first.</summary>
    public IReadOnlyList<AcsStubMail> Mails => [.. mails];

    /// <summary>Method, path and status of every call, oldest first; 0 where there was no answer.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    /// <summary>Asked before a call is looked at; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    /// <summary>Asked when a send was taken, before its answer; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>> AfterSend { get; set; } = _ => Task.FromResult(false);

    /// <summary>How an operation stands from the start.</summary>
    public string FirstStatus { get; set; } = "Running";

    /// <summary>Seconds that it asks a client to wait before it looks at an operation.</summary>
    public string RetryAfter { get; set; } = "30";

    /// <summary>Opens one at any free port.</summary>
    public static async Task<AcsStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MaxRequestBodySize = null;
        });
        var stub = new AcsStub(builder.Build());
        stub.web.Run(stub.RunAsync);
        await stub.web.StartAsync();
        stub.Endpoint = new Uri(stub.web.Urls.Single());
        return stub;
    }

    /// <summary>An answer with an error in the service's form.</summary>
    public static Func<HttpContext, Task<bool>> Fail(int status, string code, string? retryAfter = null) => async context =>
    {
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await ErrorAsync(context, status, code, "The words of the service");
        return true;
    };

    /// <summary>The connection is gone, without a word.</summary>
    public static Func<HttpContext, Task<bool>> Cut { get; } = context =>
    {
        context.Abort();
        return Task.FromResult(true);
    };

    /// <summary>Says how all operations stand from now on.</summary>
    public void SetAll(string status, string? code = null)
    {
        foreach (var operation in operations.Keys)
        {
            operations[operation] = (status, code);
        }
    }

    /// <summary>Knows nothing more of what was sent.</summary>
    public void Forget() => operations.Clear();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task RunAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (!await Before(context))
        {
            await AnswerAsync(context, body.ToArray());
        }

        calls.Enqueue($"{context.Request.Method} {context.Request.Path} {(context.RequestAborted.IsCancellationRequested ? 0 : context.Response.StatusCode)}");
    }

    private async Task AnswerAsync(HttpContext context, byte[] body)
    {
        if (WhyUnsigned(context.Request, body) is { } fault)
        {
            await ErrorAsync(context, 401, "Denied", fault);
        }
        else if (context.Request.Query["api-version"].ToString() is not ("2023-03-31" or "2025-09-01"))
        {
            await ErrorAsync(context, 400, "ApiVersionNotSupported", "api-version");
        }
        else if (context.Request.Method == "POST" && context.Request.Path == "/emails:send")
        {
            await SendAsync(context, body);
        }
        else if (context.Request.Method == "GET" && context.Request.Path.StartsWithSegments("/emails/operations", out var rest))
        {
            await StatusAsync(context, rest.Value!.TrimStart('/'));
        }
        else
        {
            await ErrorAsync(context, 404, "NotFound", "no such path");
        }
    }

    private async Task SendAsync(HttpContext context, byte[] body)
    {
        var operation = context.Request.Headers["Operation-Id"].ToString();
        if (operation.Length > 0 && !Guid.TryParseExact(operation, "D", out _))
        {
            await ErrorAsync(context, 400, "BadRequest", "Operation-Id is no uuid");
            return;
        }

        operation = operation.Length > 0 ? operation : Guid.NewGuid().ToString();
        if (body.Length > 10 * 1024 * 1024)
        {
            await ErrorAsync(context, 413, "RequestTooLarge", "10 MB");
            return;
        }

        JsonElement email;
        try
        {
            email = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException e)
        {
            await ErrorAsync(context, 400, "BadRequest", e.Message);
            return;
        }

        if (WhyNoEmail(email) is { } fault)
        {
            await ErrorAsync(context, 400, "BadRequest", fault);
            return;
        }

        // What a client must not count on: the same id for a second time is a second mail.
        operations[operation] = (FirstStatus, null);
        mails.Enqueue(new AcsStubMail(operation, email));
        if (await AfterSend(context))
        {
            return;
        }

        context.Response.Headers["Operation-Location"] = $"{Endpoint}emails/operations/{operation}?api-version=2023-03-31";
        context.Response.Headers.RetryAfter = RetryAfter;
        await JsonAsync(context, 202, $$"""{"id":"{{operation}}","status":"{{FirstStatus}}","error":null}""");
    }

    private async Task StatusAsync(HttpContext context, string operation)
    {
        if (!operations.TryGetValue(operation, out var known))
        {
            await ErrorAsync(context, 404, "NotFound", "no such operation");
            return;
        }

        var error = known.Code is null ? "null" : $$"""{"code":"{{known.Code}}","message":"The words of the service"}""";
        await JsonAsync(context, 200, $$"""{"id":"{{operation}}","status":"{{known.Status}}","error":{{error}}}""");
    }

    private static string? WhyUnsigned(HttpRequest request, byte[] body)
    {
        var (date, hash) = (request.Headers["x-ms-date"].ToString(), request.Headers["x-ms-content-sha256"].ToString());
        if (!DateTimeOffset.TryParseExact(date, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return "x-ms-date is none of RFC 1123";
        }

        if (hash != Convert.ToBase64String(SHA256.HashData(body)))
        {
            return "x-ms-content-sha256 is not that of the content";
        }

        var text = $"{request.Method}\n{request.Path.ToUriComponent()}{request.QueryString}\n{date};{request.Host};{hash}";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(AccessKey), Encoding.UTF8.GetBytes(text)));
        return request.Headers.Authorization == $"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
            ? null
            : "the signature is not right";
    }

    private static string? WhyNoEmail(JsonElement email)
    {
        if (email.ValueKind != JsonValueKind.Object || email.EnumerateObject().FirstOrDefault(p => !EmailProperties.Contains(p.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            return "an unknown property";
        }

        if (!IsText(email, "senderAddress", out var sender) || !IsAddress(sender))
        {
            return "senderAddress is no bare address";
        }

        if (!email.TryGetProperty("content", out var content) || !IsText(content, "subject", out _) ||
            !(IsText(content, "plainText", out _) || IsText(content, "html", out _)))
        {
            return "content lacks subject or text";
        }

        return WhyNoRecipients(email) ?? WhyNoHeaders(email) ?? WhyNoAttachments(email);
    }

    private static string? WhyNoRecipients(JsonElement email)
    {
        if (!email.TryGetProperty("recipients", out var recipients) || !recipients.TryGetProperty("to", out var to) || to.GetArrayLength() == 0)
        {
            return "recipients.to is empty";
        }

        var all = recipients.EnumerateObject().SelectMany(list => list.Value.EnumerateArray()).ToArray();
        if (recipients.EnumerateObject().Any(list => list.Name is not ("to" or "cc" or "bcc")) || all.Length > 50)
        {
            return "more than 50 recipients, or an unknown list of them";
        }

        if (email.TryGetProperty("replyTo", out var replyTo))
        {
            all = [.. all, .. replyTo.EnumerateArray()];
        }

        return all.All(a => IsText(a, "address", out var address) && IsAddress(address) &&
            a.EnumerateObject().All(p => p.Name is "address" or "displayName" && p.Value.ValueKind == JsonValueKind.String))
            ? null
            : "a recipient is no address";
    }

    private static string? WhyNoHeaders(JsonElement email) =>
        !email.TryGetProperty("headers", out var headers) || headers.EnumerateObject().All(h =>
            h.Value.ValueKind == JsonValueKind.String && !h.Value.GetString()!.Any(char.IsControl) &&
            h.Name.All(c => c is > ' ' and < '\u007f' and not ':') &&
            h.Name.ToLowerInvariant() is not ("to" or "cc" or "bcc" or "from" or "subject" or "reply-to" or "content-type"))
            ? null
            : "a header is not allowed";

    private static string? WhyNoAttachments(JsonElement email)
    {
        if (!email.TryGetProperty("attachments", out var attachments))
        {
            return null;
        }

        return attachments.EnumerateArray().All(a =>
            IsText(a, "name", out var name) && name.Length > 0 && IsText(a, "contentType", out var type) && type.Contains('/') &&
            IsText(a, "contentInBase64", out _) && a.GetProperty("contentInBase64").TryGetBytesFromBase64(out _) &&
            a.EnumerateObject().All(p => p.Name is "name" or "contentType" or "contentInBase64" or "contentId"))
            ? null
            : "an attachment lacks what it must have";
    }

    private static bool IsText(JsonElement element, string name, out string text)
    {
        text = "";
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var found) || found.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        text = found.GetString()!;
        return true;
    }

    private static bool IsAddress(string text) => text.Contains('@') && !text.Any(c => c is '<' or '>' or ' ' or > '\u007e');

    private static Task ErrorAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.Headers["x-ms-error-code"] = code;
        return JsonAsync(context, status, $$$"""{"error":{"code":"{{{code}}}","message":"{{{JsonEncodedText.Encode(message)}}}"}}""");
    }

    private static Task JsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }
}
