using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Certificates;
using Relay.Spool;

namespace Relay.Hosting;

/// <summary>
/// <c>/healthz</c> says that the process is alive, and nothing else: whoever restarts it must not do so because a disk is full.
/// <c>/readyz</c> says whether to send it work. A certificate at its end is told there, but mail goes on: most senders do not
/// look at it.
/// </summary>
public static class HealthApi
{
    /// <summary>A probe of a load balancer waits no longer.</summary>
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>HEAD too: some load balancers ask no other way.</summary>
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds both to an app.</summary>
    /// <param name="certificates">What this server's certificates are now; null when it has none.</param>
    public static void Map(
        IEndpointRouteBuilder routes, ISpool spool, Readiness readiness, Func<IReadOnlyList<CertificateExpiry>>? certificates, TimeProvider time)
    {
        routes.MapMethods("/healthz", Methods, () =>
            TypedResults.Json(new Health("alive", null), HealthJson.Default.Health));

        routes.MapMethods("/readyz", Methods, async (CancellationToken cancel) =>
        {
            List<HealthCheck> checks =
            [
                new("draining", readiness.Draining ? "the relay is stopping" : null),
                new("spool", await WhyNotWritableAsync(spool, time, cancel)),
            ];
            if (certificates is not null)
            {
                checks.Add(new HealthCheck("certificate", Problem: null, WarningOf(certificates(), time.GetUtcNow())));
            }

            var ready = checks.All(check => check.Ok);
            return TypedResults.Json(
                new Health(ready ? "ready" : "not ready", checks),
                HealthJson.Default.Health,
                statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static string? WarningOf(IEnumerable<CertificateExpiry> certificates, DateTimeOffset now)
    {
        var warnings = certificates.Select(certificate => certificate.Warning(now)).Where(warning => warning is not null).ToList();
        return warnings.Count > 0 ? string.Join("; ", warnings) : null;
    }

    private static async Task<string?> WhyNotWritableAsync(ISpool spool, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            return await spool.WhyNotWritableAsync(cancel).AsTask().WaitAsync(CheckTimeout, time, cancel);
        }
        catch (TimeoutException)
        {
            return $"no answer within {CheckTimeout.TotalSeconds} s";
        }
        catch (SpoolException e)
        {
            return e.Message;
        }
    }
}

/// <summary>The body of <c>/healthz</c> and <c>/readyz</c>.</summary>
/// <param name="Status"><c>alive</c>, <c>ready</c> or <c>not ready</c>.</param>
/// <param name="Checks">What was looked at; null for <c>/healthz</c>.</param>
internal sealed record Health(string Status, IReadOnlyList<HealthCheck>? Checks);

/// <summary>One check.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Problem">Why no work should come; null when it may.</param>
/// <param name="Warning">What an operator should see to, though work may come; null when there is nothing.</param>
internal sealed record HealthCheck(string Name, string? Problem, string? Warning = null)
{
    /// <summary>True when work may come.</summary>
    public bool Ok => Problem is null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
