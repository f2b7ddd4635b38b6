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
        writeLine($"  Data    {estate.Options.Data}");
        writeLine($"  Config  {file ?? "none: everything is at its default"}");
        var label = "Mail";
        foreach (var line in Mail(estate.Options.Routes))
        {
            writeLine($"  {label,-6}  {line}");
            label = "";
        }

        writeLine($"  Try     swaks --server {Text.Reachable(estate.SmtpEndpoints[0])} --to someone@example.com");
        writeLine("  Stop    Ctrl+C");
    }

    /// <summary>What happens to mail, a line for each route unless one line says it all.</summary>
    public static IEnumerable<string> Mail(IReadOnlyList<Route> routes)
    {
        var staysHere = routes.All(route => route.Kind is RouteKind.Capture or RouteKind.Discard);
        if (routes[0] is { Kind: RouteKind.Capture } first && TakesAll(first))
        {
            yield return "every message is captured; nothing leaves this machine";
            yield break;
        }

        foreach (var route in routes)
        {
            yield return $"{route.Name}: {Whom(route)} {Way(route)}";
        }

        if (!routes.Any(TakesAll))
        {
            yield return "everyone else: refused, no route leads there";
        }

        if (staysHere)
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

    private static bool TakesAll(Route route) => route.Recipients.Contains("*");

    private static string Whom(Route route) => TakesAll(route) ? "everyone" : string.Join(", ", route.Recipients);

    private static string Way(Route route) => route.Kind switch
    {
        RouteKind.Capture => "is captured",
        RouteKind.Discard => "is discarded",
        RouteKind.Mx => $"goes to the mail hosts of its domain{(route.Port == 25 ? "" : $", port {route.Port}")}, {Tls(route)}",
        _ => $"goes to {string.Join(", then ", route.Hosts)}, {Tls(route)}",
    };

    private static string Tls(Route route) => route.Tls switch
    {
        TlsMode.Required => "TLS required",
        TlsMode.Off => "without TLS",
        _ => "TLS where offered",
    };
}
