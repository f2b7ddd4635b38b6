using System.Text;
using Relay.Mail;

namespace Relay.Forwarding;

/// <summary>The envelopes of what is sent on for one recipient: one for each reverse-path, as targets here and elsewhere need different ones. Pure.</summary>
internal static class ForwardedEnvelopes
{
    /// <summary>The envelopes, in the order of the targets.</summary>
    /// <param name="envelope">Of the message: what it asks for as a whole goes on.</param>
    /// <param name="recipient">Whose mail it is.</param>
    /// <param name="targets">Who gets it.</param>
    /// <param name="reversePathFor">What a target is sent to as.</param>
    public static IEnumerable<Envelope> Of(
        Envelope envelope, ForwardPath recipient, IReadOnlyList<Mailbox> targets, Func<ReversePath, Mailbox, ReversePath> reversePathFor)
    {
        var notify = targets.Count == 1 ? recipient.Notify : WithoutSuccess(recipient.Notify);
        var original = recipient.OriginalRecipient ?? OriginalOf(recipient.Mailbox);
        return
            from target in targets.Select(InAscii)
            group new ForwardPath(target) { Notify = notify, OriginalRecipient = original }
                by reversePathFor(envelope.ReversePath, target) into same
            select envelope with
            {
                ReversePath = same.Key,
                Recipients = [.. same],
                SmtpUtf8 = envelope.SmtpUtf8 || same.Any(path => !path.Mailbox.IsAscii),
            };
    }

    /// <summary>
    /// Of several targets each would report its own success: who asked for that is told here that the message has been expanded, and
    /// the wish ends (RFC 3461 §5.2.7.3). Who asked for nothing else asks for nothing more.
    /// </summary>
    private static DsnNotify WithoutSuccess(DsnNotify notify) =>
        notify == DsnNotify.Success ? DsnNotify.Never : notify & ~DsnNotify.Success;

    /// <summary>The address that the sender knows, for reports of addresses that it does not (RFC 3461 §4.2).</summary>
    private static OriginalRecipient OriginalOf(Mailbox alias) => new(alias.IsAscii ? "rfc822" : "utf-8", alias.ToString());

    /// <summary>A domain in A-labels, where that makes the address fit for hosts without SMTPUTF8.</summary>
    private static Mailbox InAscii(Mailbox target) =>
        !target.IsAscii && Ascii.IsValid(target.LocalPart) && DomainName.TryToAscii(target.Domain, out var ascii)
            ? target with { Domain = ascii }
            : target;
}
