using Relay.Routing;
using Relay.Transport.Webhook;

namespace Relay.Options;

/// <summary>Reads the keys that only a webhook route has.</summary>
internal static class WebhookRouteReader
{
    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static WebhookRoute Read(SettingsReader reader, int item)
    {
        var format = reader.Read(Settings.RouteFormat, item);
        if (format is not (RouteFormat.Default or RouteFormat.Mime or RouteFormat.Json))
        {
            reader.AddFault(Settings.RouteFormat, item, "a webhook gets mime or json");
        }

        var allowPrivate = reader.Read(Settings.RouteAllowPrivate, item);
        var url = reader.Read(Settings.RouteUrl, item);
        if (url is { IsLoopback: true } && !allowPrivate)
        {
            reader.AddFault(Settings.RouteUrl, item, "leads to this machine: set AllowPrivate where that is meant");
        }

        if (reader.Read(Settings.RouteSecret, item) is { } secret && !WebhookSignature.IsSecret(secret))
        {
            reader.AddFault(Settings.RouteSecret, item, "behind whsec_ stands base64");
        }

        return new WebhookRoute
        {
            Url = url ?? new Uri("https://localhost/"),
            Secret = reader.Read(Settings.RouteSecret, item) ?? "",
            Format = format == RouteFormat.Json ? WebhookFormat.Json : WebhookFormat.Mime,
            Timeout = reader.Read(Settings.RouteTimeout, item),
            AllowPrivate = allowPrivate,
        };
    }
}
