using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Relay.Functions;

/// <summary>What went wrong with a request (RFC 9457).</summary>
internal sealed record Problem
{
    public const string ContentType = "application/problem+json";

    /// <summary>The HTTP status, again.</summary>
    public required int Status { get; init; }

    /// <summary>The same for every problem of this kind.</summary>
    public required string Title { get; init; }

    /// <summary>What is wrong here, and what to do about it.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong with each parameter, by its name.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public static IResult BadRequest(string detail) => Result(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static IResult BadRequest(IEnumerable<(string Parameter, string Problem)> errors) => new Problem
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "Bad request",
        Errors = errors.GroupBy(error => error.Parameter)
            .ToDictionary(group => group.Key, group => group.Select(error => error.Problem).ToArray()),
    }.ToResult();

    public static IResult Unauthorized(string detail) => Result(StatusCodes.Status401Unauthorized, "Unauthorized", detail);

    public static IResult Misdirected() => Result(
        StatusCodes.Status421MisdirectedRequest, "Misdirected request", "A relay on loopback answers to addresses, to localhost and to its own HostName");

    public static IResult NotFound(string detail) => Result(StatusCodes.Status404NotFound, "Not found", detail);

    public static IResult Conflict(string detail) => Result(StatusCodes.Status409Conflict, "Conflict", detail);

    /// <summary>The store cannot be asked now. The log has the cause.</summary>
    public static IResult Unavailable() => Result(
        StatusCodes.Status503ServiceUnavailable, "Not available", "What is asked for cannot be read now, try again later");

    /// <summary>A fault of Relay itself. The log has the cause.</summary>
    public static IResult InternalError() => Result(
        StatusCodes.Status500InternalServerError, "Internal error", "A fault of the relay; its log has the cause");

    /// <summary>What the framework refuses before one of our handlers is asked.</summary>
    public static IResult Refused(int status) => status switch
    {
        StatusCodes.Status404NotFound => NotFound("There is nothing at this path"),
        StatusCodes.Status405MethodNotAllowed => Result(status, "Method not allowed", "The Allow header names the methods of this path"),
        StatusCodes.Status413PayloadTooLarge => Result(status, "Too large", "No request here has so large a body"),
        _ => Result(status, "Bad request", "The request is not valid HTTP"),
    };

    private static JsonHttpResult<Problem> Result(int status, string title, string detail) =>
        new Problem { Status = status, Title = title, Detail = detail }.ToResult();

    private JsonHttpResult<Problem> ToResult() =>
        TypedResults.Json(this, ProblemJson.Default.Problem, ContentType, Status);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
