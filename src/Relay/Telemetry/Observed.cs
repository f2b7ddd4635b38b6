using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Relay.Telemetry;

/// <summary>Where an observable instrument, which lives as long as the process, finds those that have a value for now.</summary>
internal sealed class Observed<T>
    where T : struct
{
    private readonly ConcurrentDictionary<Membership, Func<IEnumerable<Measurement<T>>>> members = new();

    /// <summary>Asks this too, until what is returned is disposed of.</summary>
    public IDisposable Add(Func<IEnumerable<Measurement<T>>> measure)
    {
        var membership = new Membership(this);
        members[membership] = measure;
        return membership;
    }

    /// <summary>All values of now.</summary>
    public IEnumerable<Measurement<T>> Measure() => members.Values.SelectMany(measure => measure());

    private sealed class Membership(Observed<T> observed) : IDisposable
    {
        public void Dispose() => observed.members.TryRemove(this, out _);
    }
}
