using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the keys that only a mailbox route has.</summary>
internal static class MailboxRouteReader
{
    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static MailboxRoute Read(SettingsReader reader, int item)
    {
        var format = reader.Read(Settings.RouteFormat, item);
        var container = reader.Read(Settings.RouteContainer, item);
        var path = reader.Read(Settings.RoutePath, item);
        if (format is not (RouteFormat.Default or RouteFormat.Maildir or RouteFormat.Mbox or RouteFormat.Blob))
        {
            reader.AddFault(Settings.RouteFormat, item, "a mailbox is kept as maildir, mbox or blob");
        }

        if (format == RouteFormat.Blob != container is not null)
        {
            reader.AddFault(Settings.RouteContainer, item, "belongs to the format blob, which must have it");
        }

        if (path.Length > 0 && !path.Contains("{local}", StringComparison.Ordinal))
        {
            reader.AddFault(Settings.RoutePath, item, "must hold {local}: otherwise all recipients would share one mailbox");
        }

        return new MailboxRoute
        {
            Format = format switch { RouteFormat.Mbox => MailboxFormat.Mbox, RouteFormat.Blob => MailboxFormat.Blob, _ => MailboxFormat.Maildir },
            Path = format == RouteFormat.Blob ? path : reader.FullPath(Settings.RoutePath, item),
            Container = container,
        };
    }
}
