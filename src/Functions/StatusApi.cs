using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Functions;

/// <summary>What became of messages: <c>GET /messages/{id}</c> and <c>GET /messages</c>.</summary>
public static class StatusApi
{
    /// <summary>Adds both to an app.</summary>
    public static void Map(IEndpointRouteBuilder routes, IStatusReader status, TimeProvider time)
    {
        routes.MapGet("/messages/{id}", (string id, CancellationToken cancel) => OneAsync(id, status, cancel));
        routes.MapGet("/messages", (HttpRequest request, CancellationToken cancel) => SearchAsync(request.Query, status, time, cancel));
    }

    private static async Task<IResult> OneAsync(string text, IStatusReader status, CancellationToken cancel)
    {
        if (!MessageId.TryParse(text, out var id))
        {
            return Problem.BadRequest("A message id has 32 hexadecimal digits, as the 250 reply named it");
        }

        return await status.StatusAsync(id, cancel) is { } found
            ? TypedResults.Json(found, StatusJson.Default.MessageStatus)
            : Problem.NotFound($"There is no message {id}: it never was, or its retention has ended");
    }

    private static async Task<IResult> SearchAsync(
        IQueryCollection parameters, IStatusReader status, TimeProvider time, CancellationToken cancel)
    {
        var texts = parameters.SelectMany(parameter => parameter.Value.Select(value => KeyValuePair.Create(parameter.Key, value ?? "")));
        var (query, faults) = StatusQueryParser.Parse(texts, time);
        if (query is null)
        {
            return Problem.BadRequest(faults.Select(fault => (fault.Parameter, fault.Problem)));
        }

        try
        {
            return TypedResults.Json(await status.SearchAsync(query, cancel), StatusJson.Default.StatusPage);
        }
        catch (FormatException)
        {
            return Problem.BadRequest([("cursor", "is not one that a page of this relay had")]);
        }
    }
}
