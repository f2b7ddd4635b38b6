using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport.FinalDelivery;

namespace Relay.Transport.Webhook;

/// <summary>
/// Posts a message to a URL, signed; 2xx is delivered, 422 is refused for good, everything else is tried again. One request for all
/// recipients of the attempt.
/// </summary>
internal sealed partial class WebhookTransport(IDnsResolver dns, TimeProvider time, ILogger<WebhookTransport> log) : ITransport, IDisposable
{
    /// <summary>Octets of an answer that are read, for the status.</summary>
    private const int MaxAnswer = 500;

    /// <summary>However long a webhook asks to be left alone.</summary>
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(4);

    private static readonly SmtpReply TooLarge =
        new(ReplyCode.ExceededStorage, 3, 4, "The message is too large to be taken apart for a webhook");

    private static readonly SmtpReply NoMessage =
        new(ReplyCode.TransactionFailed, 6, 0, "The message cannot be read, to be taken apart for a webhook");

    private readonly HttpClient open = WebhookHttp.Create(dns, allowPrivate: true);
    private readonly HttpClient guarded = WebhookHttp.Create(dns, allowPrivate: false);
    private readonly ConcurrentDictionary<string, WebhookSignature> signatures = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var route = request.Route.Webhook!;
        if (route.Format == WebhookFormat.Json && request.Content.Length > WebhookJsonBody.MaxContent)
        {
            return CannotCarry(request, TooLarge);
        }

        using var patience = new CancellationTokenSource(route.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, await PostAsync(request, route, either.Token));
        }
        catch (FormatException)
        {
            return CannotCarry(request, NoMessage);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && (e is HttpRequestException or IOException or OperationCanceledException))
        {
            var (reason, words) = e switch
            {
                ForbiddenAddressException => (Reasons.WebhookForbidden, e.Message),
                HttpRequestException { InnerException: ForbiddenAddressException inner } => (Reasons.WebhookForbidden, inner.Message),
                OperationCanceledException => (Reasons.RemoteTimeout, $"no answer within {route.Timeout.TotalSeconds} s"),
                _ => (Reasons.ConnectFailed, e.InnerException?.Message ?? e.Message),
            };
            LogFailed(log, request.Message, route.Url.Host, words);
            return DeliveryOutcome.ForAll(request.Recipients.Count,
                new(OutcomeKind.Deferred, reason, route.Url.Authority, new(ReplyCode.LocalError, 4, 1, $"The webhook cannot be reached: {words}")));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        open.Dispose();
        guarded.Dispose();
    }

    private static DeliveryOutcome CannotCarry(DeliveryRequest request, SmtpReply why) => DeliveryOutcome.ForAll(
        request.Recipients.Count, new RecipientOutcome(OutcomeKind.Bounced, Reasons.RouteCannotCarry, null, why) { MayFallBack = true });

    private async Task<RecipientOutcome> PostAsync(DeliveryRequest request, WebhookRoute route, CancellationToken cancel)
    {
        var at = time.GetUtcNow();
        var id = Id(request);
        // Not disposed: over MIME it is the content of the attempt, which the caller disposes.
        var body = await BodyAsync(request, route.Format, cancel);
        using var post = new HttpRequestMessage(HttpMethod.Post, route.Url) { Version = HttpVersion.Version11 };
        post.Headers.Add("webhook-id", id);
        post.Headers.Add("webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        post.Headers.Add("webhook-signature",
            await signatures.GetOrAdd(route.Secret, secret => new WebhookSignature(secret)).OfAsync(id, at, body, cancel));
        body.Position = 0;
        post.Content = new StreamContent(body);
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(route.Format == WebhookFormat.Json ? "application/json" : "message/rfc822");
        post.Content.Headers.ContentLength = body.Length;
        using var answer = await (route.AllowPrivate ? open : guarded).SendAsync(post, HttpCompletionOption.ResponseHeadersRead, cancel);
        return await OutcomeAsync(request, route, answer, at, cancel);
    }

    /// <summary>The same at every attempt for the same recipients: by it the webhook knows what it has already.</summary>
    private static string Id(DeliveryRequest request) =>
        request.Indexes.Count > 0 ? $"{request.Message}-{request.Indexes[0]}-{request.Indexes[^1]}" : $"{request.Message}";

    private static async Task<Stream> BodyAsync(DeliveryRequest request, WebhookFormat format, CancellationToken cancel)
    {
        if (format == WebhookFormat.Json)
        {
            return new MemoryStream(await WebhookJsonBody.WriteAsync(request, cancel), writable: false);
        }

        return new HeadedStream(new ContentHead(0, FinalContent.Head(request.Envelope.ReversePath, request.Recipients)), request.Content);
    }

    private async Task<RecipientOutcome> OutcomeAsync(
        DeliveryRequest request, WebhookRoute route, HttpResponseMessage answer, DateTimeOffset at, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        var words = $"HTTP {status}{await WordsAsync(answer, cancel)}";
        if (answer.IsSuccessStatusCode)
        {
            return new(OutcomeKind.Delivered, Reasons.Delivered, route.Url.Authority, new(ReplyCode.Ok, 0, 0, words));
        }

        if (status == (int)HttpStatusCode.UnprocessableEntity)
        {
            return new(OutcomeKind.Bounced, Reasons.WebhookRefused, route.Url.Authority, new(ReplyCode.TransactionFailed, 6, 0, words));
        }

        LogFailed(log, request.Message, route.Url.Host, words);
        return new(OutcomeKind.Deferred, Reasons.WebhookFailed, route.Url.Authority, new(ReplyCode.LocalError, 4, 0, words))
        {
            RetryAt = RetryAfter(answer, at),
        };
    }

    private static DateTimeOffset? RetryAfter(HttpResponseMessage answer, DateTimeOffset now)
    {
        var wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? now + (wait < MaxRetryAfter ? wait : MaxRetryAfter) : null;
    }

    /// <summary>The beginning of the answer on one line, in ASCII. The status decides: words that do not come change nothing of it.</summary>
    private static async Task<string> WordsAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var octets = new byte[MaxAnswer];
        int length;
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
            length = await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return "";
        }

        return length == 0 ? "" : ": " + string.Create(length, octets, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = from[i] is >= (byte)' ' and <= (byte)'~' ? (char)from[i] : ' ';
            }
        }).Trim();
    }

    [LoggerMessage(EventIds.WebhookFailed, LogLevel.Warning, "{MessageId} waits, the webhook at {Host} has not taken it: {Cause}")]
    private static partial void LogFailed(ILogger log, MessageId messageId, string host, string cause);
}
