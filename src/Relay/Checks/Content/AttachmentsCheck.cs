using Relay.Options;
using Relay.Replies;

namespace Relay.Checks.Content;

/// <summary>Asks to refuse mail with an attachment that runs when it is opened, by its name, be it inside a zip archive.</summary>
internal sealed class AttachmentsCheck(AttachmentOptions options) : ICheck
{
    private static readonly SmtpReply Unwanted = new(ReplyCode.MailboxUnavailable, 7, 1,
        "The message has an attachment of a kind that is not taken here: send it in another way");

    private static readonly SmtpReply Unreadable = new(ReplyCode.MailboxUnavailable, 6, 0,
        "The parts of the message are too many, too deep or not clear: send a simpler message");

    private readonly AttachmentNames names = new(options.Names);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Attachments;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject.Content is not { } content || await AttachmentReader.FindAsync(content, names, cancel) is not { } found)
        {
            return new CheckResult(Name);
        }

        return new CheckResult(Name)
        {
            Action = CheckAction.Reject,
            Reason = found.Reason,
            Refusal = found.Reason == CheckReasons.MimeUnclear ? Unreadable : Unwanted,
            Detail = found.Detail,
        };
    }
}
