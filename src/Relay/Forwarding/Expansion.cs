using Relay.Addresses;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;

namespace Relay.Forwarding;

/// <summary>Who gets mail in place of an address, or why nobody does.</summary>
/// <param name="Targets">Each once, in the order in which they are found; empty where there is a fault.</param>
/// <param name="Fault">Why the mail bounces; null where it goes on.</param>
public sealed record Expanded(IReadOnlyList<Mailbox> Targets, ExpansionFault? Fault = null);

/// <summary>Why an address leads to nobody.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Reply">What the sender is told.</param>
public sealed record ExpansionFault(string Reason, SmtpReply Reply)
{
    internal static ExpansionFault Loop { get; } =
        new(Reasons.MailLoop, new(ReplyCode.MailboxUnavailable, 4, 6, "The address leads back to itself"));

    internal static ExpansionFault TooLarge { get; } =
        new(Reasons.RouteCannotCarry, new(ReplyCode.MailboxUnavailable, 5, 3, "The address leads to too many others"));

    internal static ExpansionFault Nobody { get; } =
        new(Reasons.NoRoute, new(ReplyCode.MailboxUnavailable, 1, 1, "The address leads to nobody"));
}

/// <summary>
/// From an address to those who get its mail: through aliases, aliases of aliases to the end, and return-paths of SRS. An address
/// among its own targets stays, and gets the mail itself. Pure, but for the address book, which may change at any time.
/// </summary>
/// <param name="srs">Knows return-paths; null where none are to be followed.</param>
public sealed class Expansion(AliasTable aliases, Srs? srs)
{
    /// <summary>Whose mail goes to others in its place; null where an address gets its mail itself.</summary>
    public Expanded? Expand(Mailbox address)
    {
        if (srs?.IsShaped(address) == true)
        {
            return srs.TryReverse(address, out var sender, out var refusal)
                ? Follow(address, [sender])
                : new Expanded([], new ExpansionFault(Reasons.NoRoute, refusal));
        }

        if (aliases.Find(address) is not { } match)
        {
            return null;
        }

        var expanded = Follow(address, Resolve(match.Alias.Targets, address, match.Detail));
        return expanded.Targets is [var only] && CanonicalAddress.Of(only) == CanonicalAddress.Of(address) ? null : expanded;
    }

    /// <summary>The same for mail that a route of the configuration sends on.</summary>
    internal Expanded Expand(Mailbox address, ForwardRoute route) => Follow(address, Resolve(route.Targets, address, detail: ""));

    /// <summary>The route of mail that goes on to others; null for all else. What was forwarded once is not expanded again.</summary>
    public Route? RouteOf(WorkItem work, Mailbox recipient) =>
        work.Origin.ForwardedFor is null && Expand(recipient) is not null ? Route.Aliases : null;

    private Expanded Follow(Mailbox address, IEnumerable<Mailbox> targets) => new ExpansionWalk(Next).From(address, targets);

    /// <summary>Where an address leads next; null at an end.</summary>
    private IEnumerable<Mailbox>? Next(Mailbox address) =>
        aliases.Find(address) is { } match ? Resolve(match.Alias.Targets, address, match.Detail) : null;

    /// <summary>
    /// The targets of an address. <c>@domain</c> keeps the whole local part; another target gets the detail that the alias does not
    /// have, unless it has one itself.
    /// </summary>
    private static IEnumerable<Mailbox> Resolve(IReadOnlyList<string> targets, Mailbox address, string detail)
    {
        foreach (var target in targets)
        {
            if (target.StartsWith('@'))
            {
                yield return address with { Domain = target[1..] };
            }
            else if (Mailbox.TryParse(target, out var mailbox))
            {
                yield return AliasTable.Split(mailbox.LocalPart).Detail.Length > 0 ? mailbox : mailbox with { LocalPart = mailbox.LocalPart + detail };
            }
            else
            {
                throw new FormatException($"the target {target} of {address} is no address");
            }
        }
    }
}
