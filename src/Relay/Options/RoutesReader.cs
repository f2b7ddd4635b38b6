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
            if (!firstOfName.TryAdd(route.Name, item))
            {
                reader.AddFault(Settings.RouteName, item,
                    $"the name {route.Name} is taken by {Routes}:{firstOfName[route.Name]}; allowed is one that no other route has");
            }

            routes.Add(route);
        }

        return routes;
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
        return new Route
        {
            Name = name.Length > 0 ? name : $"{Settings.RouteKind.Kind.Format(kind)}-{item}",
            Kind = kind,
            Recipients = reader.Read(Settings.RouteRecipients, item),
            Hosts = reader.Read(Settings.RouteHosts, item),
            Port = reader.Read(Settings.RoutePort, item),
            Tls = reader.Read(Settings.RouteTls, item),
        };
    }

    /// <summary>A key that the kind does not have is a slip that would go unseen: mail would leave otherwise than it was meant.</summary>
    private void CheckKeysOfKind(int item)
    {
        // Read anew: a kind that is wrong is told once, and says nothing of the other keys.
        if (!Settings.RouteKind.Kind.Parse(reader.Text(Settings.RouteKind, item), out var kind))
        {
            return;
        }

        var word = Settings.RouteKind.Kind.Format(kind);
        if (kind == RouteKind.Smarthost && !reader.IsGiven(Settings.RouteHosts, item))
        {
            reader.AddFault(Settings.RouteHosts, item, $"a smarthost route must have hosts; allowed is {Settings.RouteHosts.Allowed}");
        }

        RefuseUnless(kind == RouteKind.Smarthost, Settings.RouteHosts, "only a smarthost route has hosts");
        RefuseUnless(kind == RouteKind.Mx, Settings.RoutePort, "only an mx route has a port; that of a smarthost stands with its host");
        RefuseUnless(kind is RouteKind.Mx or RouteKind.Smarthost, Settings.RouteTls, "only a route by SMTP has TLS");

        void RefuseUnless(bool allowed, Setting setting, string problem)
        {
            if (!allowed && reader.IsGiven(setting, item))
            {
                reader.AddFault(setting, item, $"{problem}, and this one is {word}: leave it out");
            }
        }
    }
}
