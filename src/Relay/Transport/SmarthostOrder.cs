using Relay.Routing;

namespace Relay.Transport;

/// <summary>
/// The order in which the hosts of a smarthost route are tried: those with a weight drawn by it, then the others as listed; and
/// whoever failed a moment ago behind all who did not, so that a dead host does not cost every message its time-out.
/// </summary>
/// <param name="random">Draws; used under a lock of itself, which others that share it take too.</param>
/// <param name="time">The clock.</param>
internal sealed class SmarthostOrder(Random random, TimeProvider time)
{
    /// <summary>How long a host that failed stands behind the others.</summary>
    private static readonly TimeSpan Shunned = TimeSpan.FromMinutes(1);

    private readonly Dictionary<HostPort, long> failedAt = [];

    /// <summary>The hosts in the order to try them.</summary>
    public IReadOnlyList<HostPort> Of(IReadOnlyList<HostPort> hosts)
    {
        if (hosts.Count == 1)
        {
            return hosts;
        }

        lock (random)
        {
            // OrderBy is stable: within both halves the order stays.
            return [.. Draw(hosts).OrderBy(HasJustFailed)];
        }
    }

    /// <summary>No recipient was decided at the host.</summary>
    public void Failed(HostPort host)
    {
        lock (random)
        {
            failedAt[host] = time.GetTimestamp();
        }
    }

    /// <summary>The host has answered.</summary>
    public void Answered(HostPort host)
    {
        lock (random)
        {
            failedAt.Remove(host);
        }
    }

    /// <summary>Each time one of the rest, with a chance in proportion to its weight.</summary>
    private List<HostPort> Draw(IReadOnlyList<HostPort> hosts)
    {
        var rest = hosts.Where(host => host.Weight > 0).ToList();
        var order = new List<HostPort>(hosts.Count);
        while (rest.Count > 0)
        {
            var draw = random.Next(rest.Sum(host => host.Weight));
            var index = rest.FindIndex(host => (draw -= host.Weight) < 0);
            order.Add(rest[index]);
            rest.RemoveAt(index);
        }

        order.AddRange(hosts.Where(host => host.Weight == 0));
        return order;
    }

    private bool HasJustFailed(HostPort host) => failedAt.TryGetValue(host, out var at) && time.GetElapsedTime(at) < Shunned;
}
