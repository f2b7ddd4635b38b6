using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Relay.Status;

namespace Relay.Transport.Acs;

/// <summary>
/// A client of the REST API of Azure Communication Services Email, with the two calls that a relay needs. What goes wrong is
/// an answer, not an exception; only cancelling throws.
/// </summary>
internal sealed class AcsEmailClient
{
    /// <summary>For one call, from signing in to the last octet of the answer.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(100);

    /// <summary>Octets of an answer that are read.</summary>
    private const int MaxAnswer = 64 * 1024;

    /// <summary>Characters of the service's words that are kept.</summary>
    private const int MaxMessage = 500;

    private const string Scope = "https://communication.azure.com/.default";

    private readonly Uri endpoint;
    private readonly HttpPipeline pipeline;
    private readonly TimeProvider time;

    /// <summary>Signs in as the identity of the credential.</summary>
    public AcsEmailClient(Uri endpoint, TokenCredential credential, TimeProvider time, AcsClientOptions? options = null)
        : this(endpoint, new BearerTokenAuthenticationPolicy(credential, Scope), time, options)
    {
    }

    /// <summary>Signs with the access key of the resource.</summary>
    public AcsEmailClient(Uri endpoint, byte[] accessKey, TimeProvider time, AcsClientOptions? options = null)
        : this(endpoint, new AcsKeyPolicy(accessKey, time), time, options)
    {
    }

    private AcsEmailClient(Uri endpoint, HttpPipelinePolicy authentication, TimeProvider time, AcsClientOptions? options)
    {
        this.endpoint = endpoint;
        this.time = time;
        pipeline = HttpPipelineBuilder.Build(options ?? new AcsClientOptions(), authentication);
    }

    /// <summary>Who is asked, as the status shows it.</summary>
    public string Host => endpoint.Authority;

    /// <summary>Asks that a mail be sent, under an id that names the operation ever after. 202 means taken, not delivered.</summary>
    /// <param name="email">An <see cref="AcsEmail"/> in JSON.</param>
    /// <param name="operation">Chosen by the caller.</param>
    /// <param name="cancel">Throws.</param>
    public Task<AcsAnswer> SendAsync(ReadOnlyMemory<byte> email, Guid operation, CancellationToken cancel)
    {
        var message = Call(RequestMethod.Post, "/emails:send");
        message.Request.Headers.Add("Content-Type", "application/json");
        message.Request.Headers.Add("Operation-Id", operation.ToString());
        message.Request.Headers.Add("x-ms-client-request-id", operation.ToString());
        message.Request.Content = RequestContent.Create(email);
        return AnswerAsync(message, cancel);
    }

    /// <summary>Asks how an operation stands. 404 means that the service knows none of this id.</summary>
    public Task<AcsAnswer> GetStatusAsync(string operation, CancellationToken cancel) =>
        AnswerAsync(Call(RequestMethod.Get, $"/emails/operations/{Uri.EscapeDataString(operation)}"), cancel);

    private HttpMessage Call(RequestMethod method, string path)
    {
        var message = pipeline.CreateMessage();
        message.BufferResponse = false;
        message.Request.Method = method;
        message.Request.Uri.Reset(endpoint);
        message.Request.Uri.Path = path;
        message.Request.Uri.Query = $"?api-version={AcsClientOptions.ApiVersion}";
        message.Request.Headers.Add("Accept", "application/json");
        return message;
    }

    private async Task<AcsAnswer> AnswerAsync(HttpMessage message, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(CallTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using (message)
            {
                await pipeline.SendAsync(message, both.Token);
                return Read(message.Response, await BodyAsync(message.Response, both.Token));
            }
        }
        catch (AuthenticationFailedException e)
        {
            return NoAnswer(Reasons.ConnectFailed, $"signing in failed: {OneLine(e.Message)}") with { IsSignInFailure = true };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return NoAnswer(Reasons.RemoteTimeout, $"no answer within {CallTimeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is RequestFailedException or HttpRequestException or IOException)
        {
            return NoAnswer(WasConnected(e) ? Reasons.ConnectionLost : Reasons.ConnectFailed, OneLine(e.Message));
        }
    }

    private AcsAnswer Read(Response response, byte[] body)
    {
        var told = Parse(body);
        var isSuccess = response.Status is >= 200 and < 300;
        return new AcsAnswer
        {
            HttpStatus = response.Status,
            OperationId = told?.Id,
            State = StateOf(told?.Status),
            Code = told?.Error?.Code ?? (!isSuccess && response.Headers.TryGetValue("x-ms-error-code", out var code) ? code : null),
            Message = told?.Error?.Message is { } words ? OneLine(words) : null,
            RetryAfter = RetryAfter(response.Headers),
        };
    }

    private TimeSpan? RetryAfter(ResponseHeaders headers)
    {
        if (!headers.TryGetValue("Retry-After", out var text) || text is null)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) && at > time.GetUtcNow()
            ? at - time.GetUtcNow()
            : null;
    }

    /// <summary>At most <see cref="MaxAnswer"/> octets; what is longer is none of the service's.</summary>
    private static async Task<byte[]> BodyAsync(Response response, CancellationToken cancel)
    {
        if (response.ContentStream is not { } stream)
        {
            return [];
        }

        var buffer = new byte[MaxAnswer];
        var length = await stream.ReadAtLeastAsync(buffer, MaxAnswer, throwOnEndOfStream: false, cancel);
        return buffer[..length];
    }

    private static AcsOperationAnswer? Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, AcsJson.Default.AcsOperationAnswer);
        }
        catch (JsonException)
        {
            // A page of something in between; its status says enough.
            return null;
        }
    }

    private static AcsState StateOf(string? word) => word?.ToUpperInvariant() switch
    {
        "NOTSTARTED" or "RUNNING" => AcsState.Running,
        "SUCCEEDED" => AcsState.Succeeded,
        "FAILED" => AcsState.Failed,
        "CANCELED" or "CANCELLED" => AcsState.Canceled,
        _ => AcsState.Unknown,
    };

    private static AcsAnswer NoAnswer(string reason, string message) => new() { NoAnswer = reason, Message = message };

    private static bool WasConnected(Exception e) =>
        (e as HttpRequestException ?? e.InnerException as HttpRequestException)?.HttpRequestError is not
            (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError);

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxMessage ? line : line[..MaxMessage] + "…";
    }
}
