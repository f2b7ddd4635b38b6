using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Delivery.Destinations;

/// <summary>
/// The gates in the memory of this process. They are bounded in number, and those that were not asked for in a while are
/// forgotten: they begin anew, which costs no more than a few cautious attempts.
/// </summary>
public sealed partial class DestinationSet : IDestinations, IDisposable
{
    /// <summary>Destinations that are remembered; the one that was asked for longest ago goes first.</summary>
    internal const int MaxDestinations = 10_000;

    /// <summary>One that is not asked for in this time is forgotten, even when it is backed off.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<DestinationKey, LinkedListNode<Destination>> byKey = [];
    private readonly LinkedList<Destination> byUse = [];
    private readonly LimitTable limits;
    private readonly SlowShare share;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly long start;
    private readonly IDisposable observed;

    /// <summary>Empty at first.</summary>
    public DestinationSet(RelayOptions options, TimeProvider time, ILogger<DestinationSet> log)
    {
        limits = new LimitTable(options);
        share = new SlowShare(Lanes.MaxSlowFactor * options.Delivery.Concurrency);
        this.time = time;
        this.log = log;
        start = time.GetTimestamp();
        observed = RelayTelemetry.BackedOff.Add(() => [new(CountBackedOff())]);
    }

    /// <summary>Those that are remembered.</summary>
    internal int Count
    {
        get
        {
            lock (gate)
            {
                return byKey.Count;
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(start);

    /// <inheritdoc/>
    public Admission Ask(DestinationKey key, Applicant applicant)
    {
        lock (gate)
        {
            var now = Now;
            var destination = Find(key, now);
            if (destination.TryEnter(now, applicant, out var isProbe))
            {
                return Admission.Go(new Ticket(ticket => Leave(destination, ticket)) { Begin = now, IsProbe = isProbe });
            }

            var at = Utc(destination.ComeAgain(now, applicant), now);
            if (destination.Circuit.IsOpen)
            {
                return Admission.BackedOff(at, destination.Circuit.Trouble);
            }

            RelayTelemetry.PutOff.Add(1);
            return Admission.Full(at);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<DestinationStatus> List()
    {
        lock (gate)
        {
            var now = Now;
            return [.. byUse.Select(destination => StatusOf(destination, now))
                .OrderBy(status => status.State).ThenBy(status => status.Route).ThenBy(status => status.Host)];
        }
    }

    /// <inheritdoc/>
    public void Reset(string? domain = null)
    {
        lock (gate)
        {
            foreach (var destination in byUse)
            {
                if (domain is null || !destination.Key.IsDomain ||
                    string.Equals(destination.Key.Host, domain, StringComparison.OrdinalIgnoreCase))
                {
                    destination.Circuit.Reset();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => observed.Dispose();

    private Destination Find(DestinationKey key, TimeSpan now)
    {
        if (byKey.TryGetValue(key, out var node))
        {
            byUse.Remove(node);
            byUse.AddLast(node);
            return node.Value;
        }

        ForgetOld(now);
        return (byKey[key] = byUse.AddLast(new Destination(key, limits.Of(key), share))).Value;
    }

    /// <summary>From the one that was asked for longest ago, as far as there is reason to.</summary>
    private void ForgetOld(TimeSpan now)
    {
        while (byUse.First is { } oldest &&
            (byUse.Count >= MaxDestinations || now - oldest.Value.LastAsked > MaxAge) && oldest.Value.InFlight == 0)
        {
            byUse.Remove(oldest);
            byKey.Remove(oldest.Value.Key);
        }
    }

    /// <summary>Logs outside of the lock: a log that is behind makes its writers wait.</summary>
    private void Leave(Destination destination, Ticket ticket)
    {
        bool changed;
        DestinationStatus status;
        lock (gate)
        {
            var now = Now;
            changed = destination.Leave(now, ticket);
            status = StatusOf(destination, now);
        }

        if (changed && status.State == DestinationState.Open)
        {
            LogReached(destination.Key.Route, destination.Key);
        }
        else if (changed)
        {
            LogBackedOff(destination.Key.Route, destination.Key, status.Until, status.Trouble);
        }
    }

    private DestinationStatus StatusOf(Destination destination, TimeSpan now) => new()
    {
        Route = destination.Key.Route,
        Host = destination.Key.Host.Length > 0 ? destination.Key.Host : null,
        State = destination.Circuit switch
        {
            { IsOpen: false } => DestinationState.Open,
            { IsProbing: true } => DestinationState.Probing,
            _ => DestinationState.BackedOff,
        },
        Until = destination.Circuit.IsOpen ? Utc(destination.Circuit.Until, now) : null,
        Trouble = destination.Circuit.Trouble is { Length: > 0 } trouble ? trouble : null,
        InFlight = destination.InFlight,
        Limit = destination.Limit,
    };

    private long CountBackedOff()
    {
        lock (gate)
        {
            return byUse.Count(destination => destination.Circuit.IsOpen);
        }
    }

    private DateTimeOffset Utc(TimeSpan at, TimeSpan now) => time.GetUtcNow() + (at - now);

    [LoggerMessage(EventIds.DestinationBackedOff, LogLevel.Warning,
        "destination {Destination} of route {Route} is backed off until {Until:s}Z: {Trouble}")]
    private partial void LogBackedOff(string route, DestinationKey destination, DateTimeOffset? until, string? trouble);

    [LoggerMessage(EventIds.DestinationReached, LogLevel.Information, "destination {Destination} of route {Route} is reached again")]
    private partial void LogReached(string route, DestinationKey destination);
}
