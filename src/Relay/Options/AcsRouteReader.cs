using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the keys that only this kind of route has.</summary>
internal static class AcsRouteReader
{
    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static AcsRoute Read(SettingsReader reader, int item)
    {
        CheckAccess(reader, item);
        CheckWhenSpent(reader, item);
        return new AcsRoute
        {
            Endpoint = reader.Read(Settings.RouteEndpoint, item),
            ConnectionString = reader.Read(Settings.RouteConnectionString, item),
            From = reader.Read(Settings.RouteFrom, item),
            MayLose = reader.Read(Settings.RouteMayLose, item),
            PerMinute = reader.Read(Settings.RoutePerMinute, item),
            PerHour = reader.Read(Settings.RoutePerHour, item),
            WhenSpent = reader.Read(Settings.RouteWhenSpent, item),
            DeliveryReports = reader.Read(Settings.RouteDeliveryReports, item),
        };
    }

    /// <summary>Either a connection string, which has endpoint and key, or an endpoint to which this process signs in.</summary>
    private static void CheckAccess(SettingsReader reader, int item)
    {
        var (hasEndpoint, hasConnection) = (reader.IsGiven(Settings.RouteEndpoint, item), reader.IsGiven(Settings.RouteConnectionString, item));
        if (!hasEndpoint && !hasConnection)
        {
            reader.AddFault(Settings.RouteEndpoint, item,
                $"a route of kind acs must have it, or {Settings.RouteConnectionString.KeyOf(item)}; allowed is {Settings.RouteEndpoint.Allowed}");
        }
        else if (hasEndpoint && hasConnection)
        {
            reader.AddFault(Settings.RouteEndpoint, item, "the connection string names an endpoint already: leave one of them out");
        }
        else if (Uri.TryCreate(reader.Text(Settings.RouteEndpoint, item), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp)
        {
            reader.AddFault(Settings.RouteEndpoint, item, "an access token goes there: allowed is an https URL");
        }
    }

    /// <summary>A fallback that is not there would be missed only when the quota is spent for the first time.</summary>
    private static void CheckWhenSpent(SettingsReader reader, int item)
    {
        if (!reader.IsGiven(Settings.RouteFallback, item) &&
            AcsValueKinds.Spent.Parse(reader.Text(Settings.RouteWhenSpent, item), out var when) && when == WhenSpent.Fallback)
        {
            reader.AddFault(Settings.RouteWhenSpent, item, $"fallback needs {Settings.RouteFallback.KeyOf(item)}");
        }
    }
}
