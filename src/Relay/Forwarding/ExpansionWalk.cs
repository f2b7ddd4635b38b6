using Relay.Addresses;
using Relay.Mail;

namespace Relay.Forwarding;

/// <summary>One way through aliases, depth first. Each address is followed once, however many lead to it.</summary>
/// <param name="next">Where an address leads; null at an end.</param>
internal sealed class ExpansionWalk(Func<Mailbox, IEnumerable<Mailbox>?> next)
{
    /// <summary>Aliases that one address may lead through.</summary>
    internal const int MaxExpansions = 1000;

    /// <summary>Addresses that it may lead to.</summary>
    internal const int MaxTargets = 1000;

    private readonly List<Mailbox> ends = [];
    private readonly HashSet<string> endNames = [];
    private readonly HashSet<string> followed = [];
    private readonly HashSet<string> onTheWay = [];

    /// <summary>Those that stay although they lead to others too.</summary>
    private readonly HashSet<string> staying = [];

    /// <summary>Who is at the end of all ways from an address.</summary>
    public Expanded From(Mailbox address, IEnumerable<Mailbox> targets)
    {
        var fault = Follow(CanonicalAddress.Of(address), targets) ?? (ends.Count == 0 ? ExpansionFault.Nobody : null);
        return new Expanded(fault is null ? ends : [], fault);
    }

    private ExpansionFault? Follow(string name, IEnumerable<Mailbox> targets)
    {
        followed.Add(name);
        if (followed.Count > MaxExpansions)
        {
            return ExpansionFault.TooLarge;
        }

        var named = targets.Select(target => (Name: CanonicalAddress.Of(target), Target: target)).ToArray();
        if (Array.Exists(named, target => target.Name == name))
        {
            staying.Add(name);
        }

        onTheWay.Add(name);
        foreach (var (targetName, target) in named)
        {
            if (Step(name, targetName, target) is { } fault)
            {
                return fault;
            }
        }

        onTheWay.Remove(name);
        return null;
    }

    private ExpansionFault? Step(string from, string name, Mailbox target)
    {
        if (name == from)
        {
            return End(name, target);
        }

        if (followed.Contains(name))
        {
            // Who stays gets the mail: that a way leads back to him is no circle without end.
            return onTheWay.Contains(name) && !staying.Contains(name) ? ExpansionFault.Loop : null;
        }

        return next(target) is { } further ? Follow(name, further) : End(name, target);
    }

    private ExpansionFault? End(string name, Mailbox target)
    {
        if (endNames.Add(name))
        {
            ends.Add(target);
        }

        return ends.Count > MaxTargets ? ExpansionFault.TooLarge : null;
    }
}
