using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>The works that this process holds. A lease that was forgotten, as of a step that failed, is forgotten here too.</summary>
internal sealed class AzureHeld
{
    private readonly Lock gate = new();
    private readonly Dictionary<MessageId, List<WeakReference<AzureHold>>> held = [];

    /// <summary>All that are held; those that were forgotten are taken out.</summary>
    public List<AzureHold> All()
    {
        lock (gate)
        {
            List<AzureHold> all = [];
            foreach (var (message, holds) in held)
            {
                Clean(message, holds);
                all.AddRange(Living(holds));
            }

            return all;
        }
    }

    /// <summary>Notes a work that is held.</summary>
    public void Add(AzureHold hold)
    {
        lock (gate)
        {
            if (!held.TryGetValue(hold.Message, out var holds))
            {
                held[hold.Message] = holds = [];
            }

            holds.Add(new WeakReference<AzureHold>(hold));
        }
    }

    /// <summary>The work of a message that was leased last of those that are held; null when there is none.</summary>
    public AzureHold? Find(MessageId message)
    {
        lock (gate)
        {
            return held.TryGetValue(message, out var holds) ? Living(holds).LastOrDefault() : null;
        }
    }

    /// <summary>It is held no more.</summary>
    public void End(AzureHold hold)
    {
        hold.HasEnded = true;
        lock (gate)
        {
            if (held.TryGetValue(hold.Message, out var holds))
            {
                Clean(hold.Message, holds);
            }
        }
    }

    private static IEnumerable<AzureHold> Living(List<WeakReference<AzureHold>> holds)
    {
        foreach (var reference in holds)
        {
            if (reference.TryGetTarget(out var hold) && !hold.HasEnded)
            {
                yield return hold;
            }
        }
    }

    private void Clean(MessageId message, List<WeakReference<AzureHold>> holds)
    {
        holds.RemoveAll(reference => !reference.TryGetTarget(out var hold) || hold.HasEnded);
        if (holds.Count == 0)
        {
            held.Remove(message);
        }
    }
}
