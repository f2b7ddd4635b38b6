using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the list of routes, each with the keys that its kind has.</summary>
internal sealed class RoutesReader(SettingsReader reader)
{
    private const string Routes = "Routes";

    /// <summary>The routes as configured; null when the configuration says nothing of them.</summary>
    public IReadOnlyList<Route>? Read()
    {
        var items = reader.Items(Routes);
        if (items.Count == 0)
        {
            reader.RefuseEmpty(Routes, "allowed is a list of at least one route; leave it out to capture everything");
            return null;
        }

        var routes = new List<Route>();
        var firstOfName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in items)
        {
            var route = Read(item);
            if (route.Name.Equals(Route.Aliases.Name, StringComparison.OrdinalIgnoreCase))
            {
                reader.AddFault(Settings.RouteName, item, $"{route.Name} is the name of the route of aliases; allowed is another one");
            }
            else if (!firstOfName.TryAdd(route.Name, item))
            {
                reader.AddFault(Settings.RouteName, item,
                    $"the name {route.Name} is taken by {Routes}:{firstOfName[route.Name]}; allowed is one that no other route has");
            }

            routes.Add(route);
        }

        CheckFallbacks(items, routes, firstOfName);
        return routes;
    }

    /// <summary>A fallback is another route of the list, and following them ends.</summary>
    private void CheckFallbacks(IReadOnlyList<int> items, List<Route> routes, Dictionary<string, int> byName)
    {
        foreach (var (item, route) in items.Zip(routes))
        {
            if (route.Fallback is not { } fallback || !RouteKeys.Have(Settings.RouteFallback, route.Kind))
            {
                continue;
            }

            if (!byName.TryGetValue(fallback, out var other))
            {
                reader.AddFault(Settings.RouteFallback, item, "allowed is the name of another route");
            }
            else if (Holds(route) && !Holds(routes[IndexOf(items, other)]))
            {
                reader.AddFault(Settings.RouteFallback, item, $"{fallback} is for other estates than this one, which would have no fallback");
            }
            else if (GoesInACircle(route, routes))
            {
                reader.AddFault(Settings.RouteFallback, item, "following the fallbacks leads back to this route");
            }
        }
    }

    private static int IndexOf(IReadOnlyList<int> items, int item) => items.TakeWhile(other => other != item).Count();

    private bool Holds(Route route) =>
        route.Estates.Count == 0 || route.Estates.Contains(reader.Read(Settings.Estate), StringComparer.OrdinalIgnoreCase);

    private static bool GoesInACircle(Route start, List<Route> routes)
    {
        var next = start;
        for (var step = 0; step < routes.Count && next?.Fallback is { } name; step++)
        {
            next = routes.Find(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase));
            if (next == start)
            {
                return true;
            }
        }

        return false;
    }

    private Route Read(int item)
    {
        var kindIsGiven = reader.IsGiven(Settings.RouteKind, item);
        var kind = reader.Read(Settings.RouteKind, item);
        if (!kindIsGiven)
        {
            reader.AddFault(Settings.RouteKind, item, $"must be given; allowed is {Settings.RouteKind.Allowed}");
        }
        else
        {
            CheckKeysOfKind(item);
        }

        var name = reader.Read(Settings.RouteName, item);
        var smarthost = kind == RouteKind.Smarthost ? SmarthostRouteReader.Read(reader, item) : null;
        var (minSize, maxSize) = ReadSizes(item);
        var route = new Route
        {
            Name = name.Length > 0 ? name : $"{Settings.RouteKind.Kind.Format(kind)}-{item}",
            Kind = kind,
            Recipients = reader.Read(Settings.RouteRecipients, item),
            Hosts = SmarthostRouteReader.Hosts(reader, item),
            Senders = reader.Read(Settings.RouteSenders, item),
            Accounts = reader.Read(Settings.RouteAccounts, item),
            MinSize = minSize,
            MaxSize = maxSize,
            Headers = reader.Read(Settings.RouteHeaders, item),
            Estates = ReadEstates(item),
            Port = reader.Read(Settings.RoutePort, item),
            Tls = smarthost is null ? reader.Read(Settings.RouteTls, item) : SmarthostRouteReader.Tls(reader, item, smarthost),
            Fallback = reader.Read(Settings.RouteFallback, item) is { Length: > 0 } fallback ? fallback : null,
            Acs = kind == RouteKind.Acs ? AcsRouteReader.Read(reader, item) : null,
            Mailbox = kind == RouteKind.Mailbox ? MailboxRouteReader.Read(reader, item) : null,
            Webhook = kind == RouteKind.Webhook ? WebhookRouteReader.Read(reader, item) : null,
            Forward = kind == RouteKind.Forward ? ForwardRouteReader.Read(reader, item) : null,
            Reject = kind is RouteKind.Reject or RouteKind.Discard ? RejectRouteReader.Read(reader, item, kind) : null,
            Capture = kind == RouteKind.Capture ? CaptureRouteReader.Read(reader, item) : null,
            Smarthost = smarthost,
        };
        SmarthostRouteReader.CheckTls(reader, item, route);
        return route;
    }

    private (long Min, long Max) ReadSizes(int item)
    {
        var (min, max) = (reader.Read(Settings.RouteMinSize, item), reader.Read(Settings.RouteMaxSize, item));
        if (min > max)
        {
            reader.AddFault(Settings.RouteMinSize, item, $"no message has at least this size and at most {Settings.RouteMaxSize.KeyOf(item)}");
        }

        return (min, max);
    }

    /// <summary>Without a name of its own an estate would quietly go past routes that were meant for it, to those behind.</summary>
    private IReadOnlyList<string> ReadEstates(int item)
    {
        if (reader.IsGiven(Settings.RouteEstates, item) && !reader.IsGiven(Settings.Estate))
        {
            reader.AddFault(Settings.RouteEstates, item, "a route for some estates needs the name of this one: give Estate too");
        }

        return reader.Read(Settings.RouteEstates, item);
    }

    /// <summary>A key that the kind does not have is a slip that would go unseen: mail would leave otherwise than it was meant.</summary>
    private void CheckKeysOfKind(int item)
    {
        // Read anew: a kind that is wrong is told once, and says nothing of the other keys.
        if (!Settings.RouteKind.Kind.Parse(reader.Text(Settings.RouteKind, item), out var kind))
        {
            return;
        }

        foreach (var (setting, kinds) in RouteKeys.Kinds)
        {
            if (!kinds.Contains(kind) && reader.IsGiven(setting, item))
            {
                reader.AddFault(setting, item,
                    $"only {string.Join(" and ", kinds.Select(Word))} routes have it, and this one is {Word(kind)}: leave it out");
            }
        }

        foreach (var (setting, needed) in RouteKeys.Needed)
        {
            if (needed == kind && !reader.IsGiven(setting, item))
            {
                reader.AddFault(setting, item, $"a route of kind {Word(kind)} must have it; allowed is {setting.Allowed}");
            }
        }
    }

    private static string Word(RouteKind kind) => Settings.RouteKind.Kind.Format(kind);
}
