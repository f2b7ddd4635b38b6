using Relay.Mail;

namespace Relay.Transport.Acs;

/// <summary>The recipients of one request.</summary>
/// <param name="First">The lowest index of theirs in the whole envelope: what the group is known by.</param>
/// <param name="Members">Which recipients of the attempt these are.</param>
/// <param name="Lists">How the request names them.</param>
/// <param name="ShowsAll">To and Cc name nobody else.</param>
internal sealed record AcsGroup(int First, IReadOnlyList<int> Members, AcsRecipientLists Lists, bool ShowsAll)
{
    /// <summary>Recipients of one request.</summary>
    public const int MaxRecipients = 50;

    /// <summary>
    /// Parts the recipients of an attempt into requests. All of them are of the envelope; the header only says how they are shown.
    /// Whom it does not name stays secret: he goes along as bcc with those who are shown, and where there are none, since a request
    /// must have a To, he gets one of his own that names nobody else.
    /// </summary>
    /// <remarks>
    /// By the index in the whole envelope: the groups of those that are left stay what they were when others are done with.
    /// </remarks>
    public static IReadOnlyList<AcsGroup> Split(DeliveryRequest request, IReadOnlyList<AcsNamed> named, IReadOnlyList<int> members)
    {
        var shown = new Dictionary<Mailbox, AcsNamed>(new SameMailbox());
        foreach (var one in named)
        {
            shown.TryAdd(one.Mailbox, one);
        }

        List<AcsGroup> groups = [];
        foreach (var block in members.GroupBy(member => request.Indexes[member] / MaxRecipients))
        {
            var hasShown = block.Any(member => shown.ContainsKey(AsciiOf(request, member)));
            groups.AddRange(hasShown
                ? [Of(request, shown, [.. block])]
                : block.GroupBy(member => AsciiOf(request, member)).Select(same => Of(request, shown, [.. same])));
        }

        return groups;
    }

    private static AcsGroup Of(DeliveryRequest request, Dictionary<Mailbox, AcsNamed> shown, IReadOnlyList<int> members)
    {
        List<AcsAddress> to = [], cc = [], bcc = [];
        var seen = new HashSet<Mailbox>();
        var unshown = shown.Keys.ToHashSet(shown.Comparer);
        foreach (var mailbox in members.Select(member => AsciiOf(request, member)).Where(seen.Add))
        {
            var one = shown.GetValueOrDefault(mailbox);
            unshown.Remove(mailbox);
            (one is null ? bcc : one.IsCc ? cc : to).Add(new AcsAddress(mailbox.ToString(), one?.Name));
        }

        // A request must have a To. Those in Cc are shown anyway; whoever is alone shows himself to himself.
        if (to.Count == 0)
        {
            (to, cc, bcc) = (cc.Count > 0 ? cc : bcc, [], cc.Count > 0 ? bcc : []);
        }

        return new AcsGroup(members.Min(member => request.Indexes[member]), members,
            new AcsRecipientLists(to, cc.Count > 0 ? cc : null, bcc.Count > 0 ? bcc : null), unshown.Count == 0);
    }

    /// <summary>Only those that have one are in a group.</summary>
    private static Mailbox AsciiOf(DeliveryRequest request, int member) => MimeToAcs.ToAscii(request.Recipients[member].Mailbox)!;

    /// <summary>Header and envelope may differ in case, of the local part too: whoever is shown so is shown.</summary>
    private sealed class SameMailbox : IEqualityComparer<Mailbox>
    {
        public bool Equals(Mailbox? x, Mailbox? y) => string.Equals(x?.ToString(), y?.ToString(), StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(Mailbox mailbox) => StringComparer.OrdinalIgnoreCase.GetHashCode(mailbox.ToString());
    }
}
