using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the keys that only a smarthost route has.</summary>
internal static class SmarthostRouteReader
{
    private static readonly HostPort AcsHost = new("smtp.azurecomm.net", 587);

    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static SmarthostRoute Read(SettingsReader reader, int item)
    {
        var user = reader.IsGiven(Settings.RouteUser, item) ? reader.Read(Settings.RouteUser, item) : null;
        var passwordFile = reader.FilePath(Settings.RoutePasswordFile, item);
        var isSigning = user is not null || passwordFile is not null;
        var route = new SmarthostRoute
        {
            Preset = reader.Read(Settings.RoutePreset, item),
            Auth = reader.IsGiven(Settings.RouteAuth, item) ? reader.Read(Settings.RouteAuth, item)
                : isSigning ? SmarthostAuth.Auto : SmarthostAuth.Off,
            User = user,
            Password = reader.Read(Settings.RoutePassword, item),
            PasswordFile = passwordFile,
            TokenScope = reader.Read(Settings.RouteTokenScope, item),
            Concurrency = reader.IsGiven(Settings.RouteConcurrency, item) ? reader.Read(Settings.RouteConcurrency, item) : null,
            Rate = reader.IsGiven(Settings.RouteRate, item) ? reader.Read(Settings.RouteRate, item) : null,
            MaxRecipients = reader.Read(Settings.RouteMaxRecipients, item),
        };
        CheckHosts(reader, item, route);
        CheckPreset(reader, item, route);
        CheckLogin(reader, item, route);
        return route;
    }

    /// <summary>The hosts of a route: a preset has its own.</summary>
    public static IReadOnlyList<HostPort> Hosts(SettingsReader reader, int item) =>
        reader.Read(Settings.RoutePreset, item) == SmarthostPreset.Acs ? [AcsHost] : reader.Read(Settings.RouteHosts, item);

    /// <summary>TLS of a route: a password goes only to the host that is meant, unless the route says otherwise.</summary>
    public static TlsMode Tls(SettingsReader reader, int item, SmarthostRoute route) =>
        route.Preset == SmarthostPreset.Acs || (route.Auth != SmarthostAuth.Off && !reader.IsGiven(Settings.RouteTls, item))
            ? TlsMode.Required
            : reader.Read(Settings.RouteTls, item);

    /// <summary>In clear such a host would be waited for in vain.</summary>
    public static void CheckTls(SettingsReader reader, int item, Route route)
    {
        if (route.Tls != TlsMode.Required && route.Hosts.Any(host => host.Port == HostPort.TlsPort))
        {
            reader.AddFault(Settings.RouteTls, item, $"at port {HostPort.TlsPort} nothing but TLS is spoken: allowed is required");
        }
    }

    private static void CheckHosts(SettingsReader reader, int item, SmarthostRoute route)
    {
        var isGiven = reader.IsGiven(Settings.RouteHosts, item);
        if (route.Preset == SmarthostPreset.None && !isGiven)
        {
            reader.AddFault(Settings.RouteHosts, item, $"a route of kind smarthost must have it; allowed is {Settings.RouteHosts.Allowed}");
        }
        else if (route.Preset != SmarthostPreset.None && isGiven)
        {
            reader.AddFault(Settings.RouteHosts, item, "the preset has hosts of its own: leave it out");
        }
    }

    /// <summary>TLS is the preset's own: what the route says else would be passed over in silence.</summary>
    private static void CheckPreset(SettingsReader reader, int item, SmarthostRoute route)
    {
        if (route.Preset == SmarthostPreset.Acs && reader.IsGiven(Settings.RouteTls, item) && reader.Read(Settings.RouteTls, item) == TlsMode.Off)
        {
            reader.AddFault(Settings.RouteTls, item, "the preset has TLS required: leave it out");
        }
    }

    private static void CheckLogin(SettingsReader reader, int item, SmarthostRoute route)
    {
        switch (route.Auth)
        {
            case SmarthostAuth.Off when route.Preset == SmarthostPreset.Acs:
                reader.AddFault(Settings.RouteUser, item, "Azure Communication Services takes mail only from who signs in: give User and Password");
                return;
            case SmarthostAuth.Off when route.User is not null || route.PasswordFile is not null:
                reader.AddFault(Settings.RouteAuth, item, "off, and the route says as whom to sign in: leave one of them out");
                return;
            case not (SmarthostAuth.Off or SmarthostAuth.XOAuth2) when route is { PasswordFile: not null, User: null, Password: not null }:
            case SmarthostAuth.Off or SmarthostAuth.XOAuth2 when route.Password is not null:
                reader.AddFault(Settings.RoutePassword, item, "nobody signs in with it: it goes with User alone, and not with xoauth2");
                return;
            case SmarthostAuth.Off:
                return;
            case SmarthostAuth.XOAuth2 when route.User is null:
                reader.AddFault(Settings.RouteUser, item, "xoauth2 needs the name of the mailbox to send as");
                break;
            case not SmarthostAuth.XOAuth2 when route.PasswordFile is not null == route.User is not null:
                reader.AddFault(Settings.RouteUser, item, "signing in needs either User and Password, or a PasswordFile");
                break;
            case not SmarthostAuth.XOAuth2 when route is { User: not null, Password: null }:
                reader.AddFault(Settings.RoutePassword, item, "User needs a Password; keep it in the environment rather than in a file");
                break;
        }

        if (reader.IsGiven(Settings.RouteTls, item) && reader.Read(Settings.RouteTls, item) == TlsMode.Opportunistic)
        {
            reader.AddFault(Settings.RouteTls, item, "a route that signs in has TLS required, or off in a network that may see the password");
        }
    }
}
