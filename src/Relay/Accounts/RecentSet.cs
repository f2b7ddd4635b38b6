namespace Relay.Accounts;

/// <summary>Remembers what was added lately: so many at most, and each for so long at most. The oldest go first.</summary>
internal sealed class RecentSet<T>(int max, TimeSpan maxAge, TimeProvider time)
    where T : notnull
{
    private readonly System.Threading.Lock gate = new();
    private readonly Dictionary<T, LinkedListNode<(T Item, DateTimeOffset At)>> nodes = [];
    private readonly LinkedList<(T Item, DateTimeOffset At)> byAge = [];

    public int Count
    {
        get
        {
            lock (gate)
            {
                return nodes.Count;
            }
        }
    }

    /// <summary>Adds it, or makes it the newest.</summary>
    public void Add(T item)
    {
        lock (gate)
        {
            Remove(item);
            nodes[item] = byAge.AddLast((item, time.GetUtcNow()));
            if (nodes.Count > max)
            {
                Remove(byAge.First!.Value.Item);
            }
        }
    }

    public bool Contains(T item)
    {
        lock (gate)
        {
            return nodes.TryGetValue(item, out var node) && time.GetUtcNow() - node.Value.At < maxAge;
        }
    }

    private void Remove(T item)
    {
        if (nodes.Remove(item, out var node))
        {
            byAge.Remove(node);
        }
    }
}
