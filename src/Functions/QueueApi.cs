using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Delivery;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Functions;

/// <summary>
/// What is queued, and what an operator does to it: <c>GET /queue</c>, <c>GET /queue/summary</c> and <c>POST /queue/{action}</c>.
/// </summary>
public static class QueueApi
{
    private const int MaxNote = 200;

    private static readonly Dictionary<string, QueueAction> Actions = new()
    {
        ["retry"] = QueueAction.Retry,
        ["cancel"] = QueueAction.Cancel,
        ["hold"] = QueueAction.Hold,
        ["release"] = QueueAction.Release,
    };

    /// <summary>Adds all of them to an app.</summary>
    public static void Map(IEndpointRouteBuilder routes, IStatusReader status, QueueOperator queue)
    {
        routes.MapGet("/queue", (HttpRequest request, CancellationToken cancel) => ListAsync(request.Query, status, cancel));
        routes.MapGet("/queue/summary", async (CancellationToken cancel) =>
            TypedResults.Json(await status.QueueSummaryAsync(cancel), StatusJson.Default.QueueSummary));
        routes.MapPost("/queue/{action}", (string action, HttpRequest request, CancellationToken cancel) =>
            ChangeAsync(action, request, queue, cancel));
    }

    private static async Task<IResult> ListAsync(IQueryCollection parameters, IStatusReader status, CancellationToken cancel)
    {
        var texts = parameters.SelectMany(parameter => parameter.Value.Select(value => KeyValuePair.Create(parameter.Key, value ?? "")));
        var (query, faults) = QueueQueryParser.Parse(texts);
        if (query is null)
        {
            return Problem.BadRequest(faults.Select(fault => (fault.Parameter, fault.Problem)));
        }

        try
        {
            return TypedResults.Json(await status.QueueAsync(query, cancel), StatusJson.Default.QueuePage);
        }
        catch (FormatException)
        {
            return Problem.BadRequest([("cursor", "is not one that a page of the same question had")]);
        }
    }

    private static async Task<IResult> ChangeAsync(string word, HttpRequest request, QueueOperator queue, CancellationToken cancel)
    {
        if (!Actions.TryGetValue(word, out var action))
        {
            return Problem.NotFound("An action is one of retry, cancel, hold and release");
        }

        // A page of the web that a browser shows can send other types to any address without asking.
        if (!request.HasJsonContentType())
        {
            return Problem.BadRequest("The body must be JSON, and Content-Type say so");
        }

        QueueOrderBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync(request.Body, QueueJson.Default.QueueOrderBody, cancel);
        }
        catch (JsonException)
        {
            body = null;
        }

        if (body is null)
        {
            return Problem.BadRequest("The body is an object with id, domain or all, and a note where there is one");
        }

        var (selection, fault) = Select(body);
        if (selection is null)
        {
            return Problem.BadRequest(fault);
        }

        return await queue.RunAsync(action, selection, cancel) is { } change
            ? TypedResults.Json(change, StatusJson.Default.QueueChange)
            : Problem.NotFound($"There is no message {selection.Message}: it never was, or its retention has ended");
    }

    private static (QueueSelection? Selection, string Fault) Select(QueueOrderBody body)
    {
        if ((body.Id is null ? 0 : 1) + (body.Domain is null ? 0 : 1) + (body.All ? 1 : 0) != 1)
        {
            return (null, "Exactly one of id, domain and all must be given");
        }

        var id = default(MessageId);
        if (body.Id is not null && !MessageId.TryParse(body.Id, out id))
        {
            return (null, "A message id has 32 hexadecimal digits, as the 250 reply named it");
        }

        var domain = body.Domain is null ? null : QueueQueryParser.Domain(body.Domain);
        if (body.Domain is not null && domain is null)
        {
            return (null, $"A domain is {QueueQueryParser.AllowedDomain}");
        }

        return body.Note is { } note && (note.Length > MaxNote || note.Any(char.IsControl))
            ? (null, $"A note is one line of at most {MaxNote} characters")
            : (new QueueSelection { Message = body.Id is null ? null : id, Domain = domain, All = body.All, Note = body.Note }, "");
    }
}

/// <summary>The body of a request that changes the queue.</summary>
internal sealed record QueueOrderBody
{
    public string? Id { get; init; }

    public string? Domain { get; init; }

    public bool All { get; init; }

    public string? Note { get; init; }
}

/// <summary>A word that we do not know might have narrowed what is changed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(QueueOrderBody))]
internal sealed partial class QueueJson : JsonSerializerContext;
