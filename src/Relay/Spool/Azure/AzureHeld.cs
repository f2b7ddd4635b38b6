using System.Collections.Concurrent;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>The works that this process holds. A lease that was forgotten, as of a step that failed, is forgotten here too.</summary>
internal sealed class AzureHeld
{
    private readonly ConcurrentDictionary<string, WeakReference<AzureHold>> all = new();
    private readonly ConcurrentDictionary<MessageId, WeakReference<AzureHold>> ofMessages = new();

    /// <summary>All that are held.</summary>
    public IEnumerable<AzureHold> All
    {
        get
        {
            foreach (var (run, reference) in all)
            {
                if (reference.TryGetTarget(out var hold))
                {
                    yield return hold;
                }
                else
                {
                    all.TryRemove(run, out _);
                }
            }
        }
    }

    /// <summary>Notes a work that is held.</summary>
    public void Add(AzureHold hold)
    {
        var reference = new WeakReference<AzureHold>(hold);
        all[hold.Run] = reference;
        ofMessages[hold.Message] = reference;
    }

    /// <summary>A work of a message that is held; null when there is none.</summary>
    public AzureHold? Find(MessageId message) =>
        ofMessages.TryGetValue(message, out var reference) && reference.TryGetTarget(out var hold) && !hold.HasEnded ? hold : null;

    /// <summary>It is held no more.</summary>
    public void End(AzureHold hold)
    {
        hold.HasEnded = true;
        all.TryRemove(hold.Run, out _);
        if (ofMessages.TryGetValue(hold.Message, out var reference) && (!reference.TryGetTarget(out var target) || target == hold))
        {
            ofMessages.TryRemove(KeyValuePair.Create(hold.Message, reference));
        }
    }

    /// <summary>Messages whose leases were forgotten.</summary>
    public void Clean()
    {
        foreach (var pair in ofMessages)
        {
            if (!pair.Value.TryGetTarget(out _))
            {
                ofMessages.TryRemove(pair);
            }
        }
    }
}
