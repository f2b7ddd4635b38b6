using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Relay.Transport.Acs;

namespace Relay.Functions;

/// <summary>
/// Delivery reports of Azure Communication Services, sent by Event Grid: <c>POST /events/acs?key=…</c>, in its own schema or as
/// CloudEvents 1.0, with both handshakes. Whoever posts must know the key of <c>Acs:EventsKey</c>.
/// </summary>
public static class AcsEventsApi
{
    /// <summary>Octets of a request: what Event Grid sends at most.</summary>
    private const int MaxBody = 1024 * 1024;

    internal const string Path = "/events/acs";
    private const string KeyHeader = "X-Events-Key";
    private const string Asker = "WebHook-Request-Origin";

    /// <summary>Adds it to an app.</summary>
    public static void Map(IEndpointRouteBuilder routes, AcsReports reports, string key)
    {
        var expected = Hash(key);
        // With the token too: a delegate of the context alone is taken for one that writes its answer itself.
        routes.MapPost(Path, async (HttpContext context, CancellationToken cancel) =>
            IsAllowed(context.Request, expected) ? await TakeAsync(context, reports, cancel) : Refused());
        routes.MapMethods(Path, ["OPTIONS"], (HttpRequest request, HttpResponse response) =>
            IsAllowed(request, expected) ? Welcome(request, response) : Refused());
    }

    private static async Task<IResult> TakeAsync(HttpContext context, AcsReports reports, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        var result = await reports.TakeAsync(context.Request.Body, cancel);
        return result switch
        {
            { IsWellFormed: false } => Problem.BadRequest("The body is neither events of Event Grid nor CloudEvents in JSON"),
            { ValidationCode: { } code } => TypedResults.Json(new ValidationAnswer(code), AcsEventsJson.Default.ValidationAnswer),
            _ => TypedResults.Ok(),
        };
    }

    /// <summary>The handshake of CloudEvents: whoever asks may send.</summary>
    private static IResult Welcome(HttpRequest request, HttpResponse response)
    {
        var asker = request.Headers[Asker].ToString();
        if (asker.Length == 0)
        {
            return Problem.BadRequest($"The handshake of a webhook names itself in {Asker}");
        }

        response.Headers["WebHook-Allowed-Origin"] = asker;
        response.Headers["WebHook-Allowed-Rate"] = "*";
        return TypedResults.Ok();
    }

    private static bool IsAllowed(HttpRequest request, byte[] expected)
    {
        var given = request.Headers[KeyHeader].ToString() is { Length: > 0 } header ? header : request.Query["key"].ToString();
        return CryptographicOperations.FixedTimeEquals(Hash(given), expected);
    }

    /// <summary>Of one length, whatever is given.</summary>
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static IResult Refused() => Problem.Unauthorized($"The key is not the one of Acs:EventsKey; give it as ?key= or in {KeyHeader}");
}

/// <summary>The answer to the handshake of Event Grid.</summary>
internal sealed record ValidationAnswer(string ValidationResponse);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationAnswer))]
internal sealed partial class AcsEventsJson : JsonSerializerContext;
