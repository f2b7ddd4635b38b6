using System.Buffers;
using Relay.Mail;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// One mail transaction: MAIL, RCPT, DATA and the content (RFC 5321 §3.3), or BDAT for content that is no text; with all
/// commands in one write where the server has PIPELINING (RFC 2920 §3.1). Each recipient gets the reply that concerns it.
/// </summary>
/// <remarks>
/// When the connection breaks after the end of the content was sent and before its reply was read, nobody can know who has the
/// message (RFC 1047). It is then deferred and not offered to another host in this attempt; the next attempt may make a
/// duplicate. This is the one window in which delivery does so.
/// </remarks>
internal sealed class SmtpTransaction(
    SmtpConnection connection, DeliveryAttempt attempt, IReadOnlyList<int> recipients, MailParameters parameters)
{
    private readonly SmtpChannel channel = connection.Channel;
    private readonly bool pipelining = connection.Capabilities.Pipelining;
    private readonly bool byChunk = parameters.Body == BodyType.BinaryMime;
    private readonly List<int> accepted = new(recipients.Count);
    private readonly List<int> surplus = [];
    private bool endSent;

    /// <summary>True once the server has answered anything; before that, a kept connection may just have died.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>Recipients that the server would not take in the same transaction as the others, which it took.</summary>
    public IReadOnlyList<int> Surplus { get; private set; } = [];

    /// <summary>Runs it. Throws <see cref="SmtpSessionException"/> when the session ends before it does.</summary>
    public async Task RunAsync()
    {
        connection.Transactions++;
        await ResetAsync();
        connection.NeedsReset = true;
        try
        {
            await EnvelopeAsync();
            if (await IsContentWantedAsync())
            {
                await ContentAsync();
            }
        }
        catch (SmtpSessionException e) when (endSent)
        {
            Answer(accepted, new(OutcomeKind.Deferred, e.Reason, connection.Name, e.Reply));
            throw;
        }
    }

    /// <summary>Ends what the transaction before this one left open.</summary>
    private async Task ResetAsync()
    {
        if (connection.NeedsReset)
        {
            channel.Write("RSET\r\n"u8);
            await channel.FlushAsync(SmtpTimeouts.Reset);
            await ReadAsync(SmtpTimeouts.Reset);
        }
    }

    /// <summary>MAIL and RCPT, and where there is PIPELINING also DATA.</summary>
    private async Task EnvelopeAsync()
    {
        channel.WriteMail(attempt.Request.Envelope, parameters, connection.Capabilities.Size ? attempt.Content.Length : null);
        if (pipelining)
        {
            foreach (var recipient in recipients)
            {
                channel.WriteRcpt(attempt.Request.Recipients[recipient], parameters);
            }

            channel.Write(byChunk ? [] : "DATA\r\n"u8);
        }

        await channel.FlushAsync(SmtpTimeouts.Mail);
        var mail = await ReadAsync(SmtpTimeouts.Mail);
        if (!Expect2xx(mail))
        {
            Refuse(recipients, mail);
            if (!pipelining)
            {
                return;
            }
        }

        foreach (var recipient in recipients)
        {
            if (!pipelining)
            {
                channel.WriteRcpt(attempt.Request.Recipients[recipient], parameters);
                await channel.FlushAsync(SmtpTimeouts.Rcpt);
            }

            var rcpt = await ReadAsync(SmtpTimeouts.Rcpt);
            if (mail.IsPositive)
            {
                AnswerRcpt(recipient, rcpt);
            }
        }
    }

    /// <summary>True when the content is to follow. BDAT asks nobody: its chunk goes with the command (RFC 3030 §2).</summary>
    private async Task<bool> IsContentWantedAsync()
    {
        if (byChunk || (!pipelining && accepted.Count == 0))
        {
            return accepted.Count > 0;
        }

        if (!pipelining)
        {
            channel.Write("DATA\r\n"u8);
            await channel.FlushAsync(SmtpTimeouts.DataInitiation);
        }

        var data = await ReadAsync(SmtpTimeouts.DataInitiation);
        if (data.IsPositive)
        {
            throw OutOfOrder(data);
        }

        if (!data.IsIntermediate)
        {
            Refuse(accepted, data);
            return false;
        }

        if (accepted.Count == 0)
        {
            await EmptyContentAsync();
        }

        return accepted.Count > 0;
    }

    private async Task ContentAsync()
    {
        var reply = await SendContentAsync();
        attempt.ResumeDeadline();
        if (reply.IsIntermediate)
        {
            throw OutOfOrder(reply);
        }

        // A failed BDAT leaves the transaction open (RFC 3030 §2).
        connection.NeedsReset = byChunk && !reply.IsPositive;
        Answer(accepted, reply.IsPositive
            ? new(OutcomeKind.Delivered, Reasons.Delivered, connection.Name, reply) { DsnHandedOn = parameters.Dsn }
            : Failure(reply) with { IsOfAll = accepted.Count > 1 });
        Surplus = reply.IsPositive ? surplus : [];
    }

    /// <summary>
    /// DATA went out with the RCPTs, all of which were refused, and the server asks for content all the same. The lone dot
    /// ends it (RFC 2920 §3.1); what the server says to that concerns nobody.
    /// </summary>
    private async Task EmptyContentAsync()
    {
        channel.Write(".\r\n"u8);
        await channel.FlushAsync(SmtpTimeouts.DataTermination);
        await ReadAsync(SmtpTimeouts.DataTermination);
        connection.NeedsReset = false;
    }

    private async Task<SmtpReply> SendContentAsync()
    {
        try
        {
            await WriteContentAsync();
        }
        catch (SmtpSessionException e) when (e.Reason == Reasons.ConnectionLost)
        {
            if (await LastWordsAsync() is { } refusal)
            {
                return refusal;
            }

            throw;
        }

        return await ReadAsync(SmtpTimeouts.DataTermination);
    }

    private async Task WriteContentAsync()
    {
        await (byChunk ? ContentWriter.WriteChunkAsync(channel, attempt.Content) : ContentWriter.WriteDataAsync(channel, attempt.Content));
        attempt.PauseDeadline();
        endSent = true;
        await channel.FlushAsync(SmtpTimeouts.DataTermination);
    }

    /// <summary>
    /// A server that will not have the content may refuse it and close while we still write. Its refusal is then waiting to
    /// be read; null when there is none.
    /// </summary>
    private async Task<SmtpReply?> LastWordsAsync()
    {
        try
        {
            var reply = await channel.ReadReplyAsync(SmtpTimeouts.LastWords);
            return reply.IsTemporary || reply.IsPermanent ? reply : null;
        }
        catch (SmtpSessionException e) when (e.Reply.Code != ReplyCode.Unavailable)
        {
            return null;
        }
    }

    private void AnswerRcpt(int recipient, SmtpReply rcpt)
    {
        var isTaken = Expect2xx(rcpt);
        attempt.WasAnswered = true;
        if (isTaken)
        {
            accepted.Add(recipient);
            return;
        }

        if (IsTooManyRecipients(rcpt))
        {
            surplus.Add(recipient);
            attempt.Note(recipient, new(OutcomeKind.Deferred, Reasons.RemoteTemporary, connection.Name, rcpt));
            return;
        }

        Refuse([recipient], rcpt);
    }

    /// <summary>
    /// 452; and 552, which RFC 821 had for it and RFC 5321 §4.5.3.1.10 says to take as 452, unless its enhanced status says
    /// that it is about something else.
    /// </summary>
    private static bool IsTooManyRecipients(SmtpReply rcpt) =>
        rcpt.Code == ReplyCode.InsufficientStorage ||
        (rcpt.Code == ReplyCode.ExceededStorage && rcpt.Enhanced is null or { Subject: 5, Detail: 3 });

    /// <summary>A refusal before the content was sent: a 5xx is the verdict, a 4xx leaves the next host to try (RFC 5321 §5.1).</summary>
    private void Refuse(IReadOnlyList<int> those, SmtpReply reply)
    {
        attempt.WasAnswered = true;
        var failure = Failure(reply) with { IsOfAll = those.Count > 1 };
        foreach (var recipient in those)
        {
            if (failure.Kind == OutcomeKind.Bounced)
            {
                attempt.Decide(recipient, failure);
            }
            else
            {
                attempt.Note(recipient, failure);
            }
        }
    }

    /// <summary>The answer to the content is the last word: it is not sent whole to the next host in the same attempt.</summary>
    private void Answer(IReadOnlyList<int> those, RecipientOutcome outcome)
    {
        foreach (var recipient in those)
        {
            attempt.Decide(recipient, outcome);
        }
    }

    private RecipientOutcome Failure(SmtpReply reply) => reply.IsPermanent
        ? new(OutcomeKind.Bounced, Reasons.RemotePermanent, connection.Name, reply)
        : new(OutcomeKind.Deferred, Reasons.RemoteTemporary, connection.Name, reply);

    private bool Expect2xx(SmtpReply reply) => reply.IsIntermediate ? throw OutOfOrder(reply) : reply.IsPositive;

    private SmtpSessionException OutOfOrder(SmtpReply reply) =>
        new(Reasons.RemoteProtocolError, new(ReplyCode.LocalError, 5, 0, $"{connection.Hop} answered out of order: {reply}"));

    private async ValueTask<SmtpReply> ReadAsync(TimeSpan timeout)
    {
        var reply = await channel.ReadReplyAsync(timeout);
        WasAnswered = true;
        return reply;
    }
}
