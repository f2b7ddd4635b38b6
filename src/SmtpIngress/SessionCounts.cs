using Relay.Options;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress;

/// <summary>What one session has used up of what it may.</summary>
internal sealed class SessionCounts(SmtpOptions limits)
{
    private int errors;
    private int commandsWithoutMail;
    private int messages;

    /// <summary>
    /// Counts a command, and its answer when that is an error. A trusted client may well have many recipients who cannot be
    /// reached; that is no sign of a broken client.
    /// </summary>
    /// <returns>The reply that ends the session when it was one too many.</returns>
    public SmtpReply? Count(Verb verb, SmtpReply reply, bool isTrusted)
    {
        var isError = reply.IsPermanent && !(isTrusted && reply.Code == ReplyCode.MailboxUnavailable);
        if (isError && ++errors > limits.MaxErrors)
        {
            return SessionReplies.TooManyErrors;
        }

        var makesMail = verb is Verb.Mail or Verb.Rcpt or Verb.Data or Verb.Bdat or Verb.Quit;
        return !makesMail && ++commandsWithoutMail > limits.MaxCommandsWithoutMail ? SessionReplies.TooManyCommands : null;
    }

    /// <summary>Counts a message that was accepted.</summary>
    public void CountMessage()
    {
        messages++;
        commandsWithoutMail = 0;
    }

    /// <summary>No more messages in this session.</summary>
    public bool HasAllMessages => messages >= limits.MaxMessagesPerSession;
}
