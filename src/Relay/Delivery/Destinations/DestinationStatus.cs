using System.Text.Json.Serialization;

namespace Relay.Delivery.Destinations;

/// <summary>How a destination is doing.</summary>
[JsonConverter(typeof(DestinationStateJson))]
public enum DestinationState
{
    /// <summary>Backed off: it could not be reached, and its mail waits.</summary>
    BackedOff,

    /// <summary>One attempt is finding out whether it works again.</summary>
    Probing,

    /// <summary>Mail goes there.</summary>
    Open,
}

/// <summary>One destination, as people are shown.</summary>
public sealed record DestinationStatus
{
    /// <summary>The name of the route.</summary>
    public required string Route { get; init; }

    /// <summary>The domain under an mx route, the first host of a smarthost route; null otherwise.</summary>
    public string? Host { get; init; }

    /// <summary>How it is doing.</summary>
    public required DestinationState State { get; init; }

    /// <summary>When it is tried again; null where it is not backed off.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What went wrong last; null when nothing did since it was last reached.</summary>
    public string? Trouble { get; init; }

    /// <summary>Attempts now.</summary>
    public required int InFlight { get; init; }

    /// <summary>Attempts at the same time at most, for now.</summary>
    public required int Limit { get; init; }
}

/// <summary>All destinations.</summary>
/// <param name="Destinations">Those in trouble first.</param>
public sealed record DestinationList(IReadOnlyList<DestinationStatus> Destinations);

/// <summary>States are words with hyphens in JSON.</summary>
internal sealed class DestinationStateJson()
    : JsonStringEnumConverter<DestinationState>(System.Text.Json.JsonNamingPolicy.KebabCaseLower);

/// <summary>The JSON of destinations, the same over HTTP and on the command line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(DestinationList))]
public sealed partial class DestinationJson : JsonSerializerContext;
