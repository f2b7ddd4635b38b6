using System.Net;
using Relay.Options;
using Relay.Routing;

namespace Relay.Cli.Serve;

/// <summary>What a relay says of itself when it has started.</summary>
internal static class Banner
{
    public static void Write(Action<string> writeLine, Estate estate, string? file)
    {
        writeLine("Relay is running.");
        writeLine($"  SMTP    {string.Join(", ", estate.SmtpEndpoints.Zip(estate.Options.Smtp.Listeners, Listener))}");
        writeLine($"  HTTP    http://{estate.HttpEndpoint}");
        writeLine(estate.Options.Spool == SpoolKind.Azure
            ? $"  Spool   Azure Storage, {estate.Options.Shards.Count} shard{(estate.Options.Shards.Count == 1 ? "" : "s")}"
            : $"  Data    {estate.Options.Data}");
        writeLine($"  Config  {file ?? "none: everything is at its default"}");
        var label = "Mail";
        foreach (var line in Mail(estate.Options.Routes, estate.Options.Estate))
        {
            writeLine($"  {label,-6}  {line}");
            label = "";
        }

        writeLine($"  Try     swaks --server {Text.Reachable(estate.SmtpEndpoints[0])} --to someone@example.com");
        writeLine("  Stop    Ctrl+C");
    }

    /// <summary>What happens to mail, a line for each route of this estate unless one line says it all.</summary>
    public static IEnumerable<string> Mail(IReadOnlyList<Route> all, string? estate = null)
    {
        var routes = all.Where(route => route.Estates.Count == 0 || route.Estates.Contains(estate, StringComparer.OrdinalIgnoreCase))
            .Select(route => route with { Estates = [] })
            .ToArray();
        if (routes is [{ Kind: RouteKind.Capture } first, ..] && RouteText.TakesAll(first))
        {
            yield return "every message is captured; nothing leaves this machine";
            yield break;
        }

        foreach (var route in routes)
        {
            yield return $"{route.Name}: {RouteText.Whom(route)} {RouteText.Way(route)}";
        }

        if (!routes.Any(RouteText.TakesAll))
        {
            yield return "everyone else: refused, no route leads there";
        }

        if (routes.All(route => route.Kind is RouteKind.Capture or RouteKind.Discard or RouteKind.Reject))
        {
            yield return "nothing leaves this machine";
        }
    }

    /// <summary>Where it listens, and what is special about it.</summary>
    private static string Listener(IPEndPoint endpoint, ListenerOptions options)
    {
        string[] traits =
        [
            .. options.Role == ListenerRole.Submission ? ["submission"] : Array.Empty<string>(),
            .. options.Tls == ListenerTls.Off ? Array.Empty<string>() : [options.Tls == ListenerTls.Implicit ? "TLS" : "STARTTLS"],
        ];
        return traits.Length == 0 ? $"{endpoint}" : $"{endpoint} ({string.Join(", ", traits)})";
    }

    /// <summary>An address that a client on this machine can use.</summary>
    private static IPEndPoint Reachable(IPEndPoint endpoint) =>
        endpoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endpoint.Port)
        : endpoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endpoint.Port)
        : endpoint;
}
