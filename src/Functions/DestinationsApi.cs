using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Delivery.Destinations;

namespace Relay.Functions;

/// <summary>How the destinations of mail are doing in this process: <c>GET /destinations</c>.</summary>
public static class DestinationsApi
{
    /// <summary>Adds it to an app.</summary>
    public static void Map(IEndpointRouteBuilder routes, IDestinations destinations) =>
        routes.MapGet("/destinations", () =>
            TypedResults.Json(new DestinationList(destinations.List()), DestinationJson.Default.DestinationList));
}
