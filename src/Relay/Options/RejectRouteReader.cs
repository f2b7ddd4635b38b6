using Relay.Replies;
using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the keys that only reject and discard routes have.</summary>
internal static class RejectRouteReader
{
    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static RejectRoute Read(SettingsReader reader, int item, RouteKind kind)
    {
        var words = kind == RouteKind.Reject ? RejectRoute.Refused : RejectRoute.Discarded;
        if (reader.Read(Settings.RouteReply, item) is not { } reply)
        {
            return words;
        }

        if (reply.IsPositive != words.Reply.IsPositive)
        {
            reader.AddFault(Settings.RouteReply, item, kind == RouteKind.Reject
                ? "a reject route refuses: allowed is a reply of 4xx or 5xx"
                : "a discard route takes the mail: allowed is a reply of 2xx");
        }

        return new RejectRoute(reply);
    }
}
