namespace Relay.Routing;

/// <summary>What a mail may lose on its way over an acs route before the route says that it cannot carry it.</summary>
public enum AcsLoss
{
    /// <summary>The name before the author's address: the service shows the one that is configured there.</summary>
    SenderName,

    /// <summary>Names in To and Cc of those whom a request does not reach: the service shows whom it sends to, and nobody else.</summary>
    OtherRecipients,
}

/// <summary>What becomes of mail when the quota of a route is spent.</summary>
public enum WhenSpent
{
    /// <summary>It waits until there is quota again.</summary>
    Defer,

    /// <summary>The fallback of the route takes it.</summary>
    Fallback,
}

/// <summary>A resource of Azure Communication Services and a key to it, as a connection string names them.</summary>
/// <param name="Endpoint">Such as <c>https://NAME.communication.azure.com</c>.</param>
/// <param name="AccessKey">Decoded. A secret.</param>
public sealed record AcsConnection(Uri Endpoint, byte[] AccessKey)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => Endpoint.ToString();
}

/// <summary>What only an acs route has.</summary>
public sealed record AcsRoute
{
    /// <summary>The resource, to which this process signs in as itself; null where there is a <see cref="ConnectionString"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The resource with a key to it; null where there is an <see cref="Endpoint"/>.</summary>
    public AcsConnection? ConnectionString { get; init; }

    /// <summary>Patterns of authors that the service sends for, as in <see cref="Route.Recipients"/>.</summary>
    public IReadOnlyList<string> From { get; init; } = ["*"];

    /// <summary>What mail may lose.</summary>
    public IReadOnlyList<AcsLoss> MayLose { get; init; } = [AcsLoss.OtherRecipients];

    /// <summary>Sends a minute, of all routes to this resource.</summary>
    public int PerMinute { get; init; } = 30;

    /// <summary>Sends an hour, of all routes to this resource.</summary>
    public int PerHour { get; init; } = 100;

    /// <summary>What becomes of mail when they are spent.</summary>
    public WhenSpent WhenSpent { get; init; }

    /// <summary>The service sends delivery reports to <c>POST /events/acs</c>: mail is not delivered until one says so.</summary>
    public bool DeliveryReports { get; init; } = true;
}
