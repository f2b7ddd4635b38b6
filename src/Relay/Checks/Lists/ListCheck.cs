using Relay.Mail;
using Relay.Options;
using Relay.Replies;

namespace Relay.Checks.Lists;

/// <summary>
/// One of our own lists: whom to refuse, and whom to let in whatever other checks say. Who is on both is let in.
/// </summary>
/// <param name="stage">When what it looks at is known.</param>
/// <param name="subject">What it looks at, in words.</param>
/// <param name="reason">Why it refuses: one of <see cref="CheckReasons"/>.</param>
/// <param name="allowance">How far being let in reaches.</param>
/// <param name="blocked">The entry that refuses; null for none.</param>
/// <param name="allowed">The entry that lets in; null for none.</param>
internal sealed class ListCheck(
    CheckStage stage, string subject, string reason, CheckAllowance allowance,
    Func<CheckSubject, object?> blocked, Func<CheckSubject, object?> allowed) : ICheck
{
    /// <summary>In place of the greeting a refusal is 554 (RFC 5321 §3.1). It tells the kind of list, and never the entry.</summary>
    private readonly SmtpReply refusal = new(
        stage == CheckStage.Connection ? ReplyCode.TransactionFailed : ReplyCode.MailboxUnavailable, 7, 1,
        $"The {subject} is on a block list of this host");

    /// <inheritdoc/>
    public CheckName Name => CheckName.Lists;

    /// <inheritdoc/>
    public CheckStage Stage => stage;

    /// <summary>A check for each kind of list that has any entry.</summary>
    public static IEnumerable<ICheck> Of(LocalListsOptions options)
    {
        var (block, allow) = (options.Block, options.Allow);
        if (block.Addresses.Count + allow.Addresses.Count > 0)
        {
            var (blocked, allowed) = (new NetworkSet(block.Addresses), new NetworkSet(allow.Addresses));
            yield return new ListCheck(
                CheckStage.Connection, "client address", CheckReasons.AddressListed, CheckAllowance.Address,
                client => blocked.Find(client.ClientAddress), client => allowed.Find(client.ClientAddress));
        }

        if (block.Helo.Count + allow.Helo.Count > 0)
        {
            var (blocked, allowed) = (new NameSet(block.Helo), new NameSet(allow.Helo));
            yield return new ListCheck(
                CheckStage.Helo, "HELO name", CheckReasons.HeloListed, CheckAllowance.Name,
                client => blocked.Find(client.Helo), client => allowed.Find(client.Helo));
        }

        if (block.Senders.Count + allow.Senders.Count > 0)
        {
            var (blocked, allowed) = (new NameSet(block.Senders), new NameSet(allow.Senders));
            yield return new ListCheck(
                CheckStage.Mail, "sender", CheckReasons.SenderListed, CheckAllowance.Name,
                mail => blocked.Find(mail.ReversePath), mail => allowed.Find(mail.ReversePath));
        }

        if (block.Recipients.Count + allow.Recipients.Count > 0)
        {
            var (blocked, allowed) = (new NameSet(block.Recipients), new NameSet(allow.Recipients));
            yield return new ListCheck(
                CheckStage.Rcpt, "recipient", CheckReasons.RecipientListed, CheckAllowance.Name,
                mail => mail.Recipient is { } to ? blocked.Find(to.Mailbox) : null,
                mail => mail.Recipient is { } to ? allowed.Find(to.Mailbox) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel) => ValueTask.FromResult(Look(subject));

    private CheckResult Look(CheckSubject known)
    {
        if (allowed(known) is { } letsIn)
        {
            return new CheckResult(Name) { Allows = allowance, Detail = $"the {subject} is let in by {letsIn}" };
        }

        return blocked(known) is not { } refuses
            ? new CheckResult(Name)
            : new CheckResult(Name)
            {
                Action = CheckAction.Reject,
                Reason = reason,
                Refusal = refusal,
                Detail = $"the {subject} is blocked by {refuses}",
            };
    }
}
