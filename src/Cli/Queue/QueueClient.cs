using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Options;
using Relay.Spool;
using Relay.Status;

namespace Relay.Cli.Queue;

/// <summary>Asks the running relay of the same configuration, by HTTP.</summary>
internal sealed class QueueClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A million messages take minutes.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(30);

    private readonly IPEndPoint listener;
    private readonly HttpClient http;

    public QueueClient(RelayOptions options)
    {
        listener = options.Http.Listener;
        if (listener.Port == 0)
        {
            throw new SpoolException(SpoolFault.InUse,
                $"the relay that has {options.Data} open must do this, and its Http:Listener {listener} names no port to ask at: give it a port, or stop the relay first");
        }

        // No proxy: it is this machine, or one that the configuration names by its address.
        http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://{Reachable(listener)}"),
            Timeout = AnswerTimeout,
        };
    }

    /// <summary>Null when the relay knows no such message.</summary>
    public async Task<QueueChange?> ChangeAsync(string action, QueueSelection selection, CancellationToken cancel)
    {
        var body = new QueueOrder(selection.Message?.ToString(), selection.Domain, selection.All, selection.Note);
        try
        {
            using var response = await http.PostAsJsonAsync($"/queue/{action}", body, QueueClientJson.Default.QueueOrder, cancel);
            if (response.StatusCode == HttpStatusCode.NotFound && selection.Message is not null)
            {
                return null;
            }

            return response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync(StatusJson.Default.QueueChange, cancel) ?? throw Strange("an empty answer")
                : throw Strange($"{(int)response.StatusCode} {response.ReasonPhrase}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new SpoolException(SpoolFault.InUse,
                $"a relay has the data folder open, and does not answer at its Http:Listener {listener}: {e.Message}. Is it the same configuration?", e);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>A relay that listens at every address is asked at loopback.</summary>
    private static IPEndPoint Reachable(IPEndPoint listener) =>
        listener.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listener.Port)
        : listener.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listener.Port)
        : listener;

    private SpoolException Strange(string what) => new(SpoolFault.Unavailable,
        $"what answers at the Http:Listener {listener} said {what}: is it the relay of this configuration? Its log may have the cause");
}

/// <summary>What <c>POST /queue/{action}</c> takes.</summary>
internal sealed record QueueOrder(string? Id, string? Domain, bool All, string? Note);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(QueueOrder))]
internal sealed partial class QueueClientJson : JsonSerializerContext;
