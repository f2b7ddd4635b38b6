using Relay.Mail;

namespace Relay.Transport.FinalDelivery;

/// <summary>One format of mailbox. What it returns from is durable; it throws <see cref="IOException"/> and its like when it cannot.</summary>
internal interface IMailboxStore
{
    /// <summary>Adds a message to the mailbox at a place.</summary>
    Task AddAsync(string place, MailboxMessage message, CancellationToken cancel);
}

/// <summary>A message for one recipient.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Recipient">The index of the recipient: two of one message may share a mailbox.</param>
/// <param name="Sender">The reverse-path.</param>
/// <param name="At">When Relay took it.</param>
/// <param name="Head">What stands in front, with CRLF.</param>
/// <param name="Content">The content, seekable.</param>
internal sealed record MailboxMessage(MessageId Id, int Recipient, ReversePath Sender, DateTimeOffset At, byte[] Head, Stream Content)
{
    /// <summary>
    /// The name of its file (maildir(5): time, what is unique, host). The same at every attempt, so that an attempt that is made
    /// again, because the relay ended before it could write down the first, does not add a second copy while the first is still new.
    /// </summary>
    public string FileName(string hostName) => $"{At.ToUnixTimeSeconds()}.{Id}_{Recipient}.{hostName}";
}

/// <summary>Another program has the mailbox locked.</summary>
internal sealed class MailboxLockedException(string message) : IOException(message);
