using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Options;

namespace Relay.Checks.Filter;

/// <summary>
/// Asks a filter that speaks the HTTP protocol of rspamd: the message is the body, the envelope stands in fields of the
/// request, the answer is JSON.
/// </summary>
/// <param name="http">From <see cref="CreateHttp"/>.</param>
internal sealed class FilterClient(HttpClient http, FilterOptions options)
{
    /// <summary>Octets of an answer.</summary>
    private const int MaxAnswer = 256 * 1024;

    /// <summary>Recipients that the filter is told of: more would not go into the header of a request.</summary>
    private const int MaxRecipients = 100;

    /// <summary>Characters of a value in the request.</summary>
    private const int MaxValue = 512;

    /// <summary>Questions at the same time; more wait, within their time.</summary>
    private const int MaxConnections = 100;

    private readonly Uri address = new(options.Url!.AbsoluteUri.TrimEnd('/') + "/checkv2");

    /// <summary>
    /// A client that goes to the filter and nowhere else: it follows no redirect and uses no proxy, so that a message is shown to
    /// nobody who was not named. Time is kept by the check.
    /// </summary>
    public static HttpClient CreateHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = MaxConnections,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The answer.</summary>
    /// <exception cref="HttpRequestException">No connection, or an answer that is too long.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">The answer is not 200, or says nothing.</exception>
    /// <exception cref="JsonException">The answer is no JSON of its kind.</exception>
    public async Task<FilterAnswer> AskAsync(CheckSubject subject, Stream content, CancellationToken cancel)
    {
        using var request = Question(subject, content);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidDataException($"the filter replied with HTTP status {(int)response.StatusCode}");
        }

        await response.Content.LoadIntoBufferAsync(MaxAnswer, cancel);
        await using var json = await response.Content.ReadAsStreamAsync(cancel);
        return await JsonSerializer.DeserializeAsync(json, FilterJson.Default.FilterAnswer, cancel)
            ?? throw new InvalidDataException("the filter answered null");
    }

    private HttpRequestMessage Question(CheckSubject subject, Stream content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new MessageBody(content) };
        Add("From", subject.ReversePath is { } path ? Clean($"<{path}>") : null);
        Add("Rcpt", subject.Recipients.Count == 0
            ? null
            : string.Join(", ", subject.Recipients.Take(MaxRecipients).Select(recipient => Clean($"<{recipient}>"))));
        Add("IP", subject.ClientAddress?.ToString());
        Add("Helo", Clean(subject.Helo));
        Add("Hostname", Clean(subject.ClientName));
        Add("User", Clean(subject.Account));
        Add("Queue-Id", subject.Id?.Value.ToString("N", CultureInfo.InvariantCulture));
        Add("Password", options.Password);
        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    /// <summary>What strangers say must not become a field of its own.</summary>
    private static string? Clean(string? value) => value is null
        ? null
        : string.Concat(value.Take(MaxValue).Select(c => char.IsControl(c) ? '?' : c));
}
