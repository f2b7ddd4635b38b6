using Microsoft.Extensions.Logging;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;
using Relay.Transport.Login;

namespace Relay.Transport;

/// <summary>
/// Hands a message to the first of some hosts that takes it. Our own SMTP client, because content is bytes: they go out as
/// they are stored, but for dot-stuffing.
/// </summary>
/// <remarks>
/// What ends where: a 5xx to MAIL, RCPT, DATA, BDAT or the final dot is the verdict and bounces. A 4xx to MAIL, RCPT or DATA, a
/// refused or lost session, a 421 and a time-out leave the recipients concerned to the next host (RFC 5321 §5.1), and when
/// none is left they are deferred. A 4xx to BDAT or the final dot, and anything that goes wrong after it was sent, defers at once.
/// </remarks>
internal sealed class SmtpSender(SmtpClientSettings settings, SmtpConnectionPool pool, ILogger<SmtpSender> log)
{
    /// <summary>
    /// Recipients of one transaction at most: as many as every server must take (RFC 5321 §4.5.3.1.8), and few enough that
    /// commands and replies of a pipelined envelope fit the buffers of the network (RFC 2920 §3.1).
    /// </summary>
    public const int MaxRecipients = 100;

    /// <summary>Tries the hosts in order until every recipient is decided. How TLS is to be, route and message say.</summary>
    public Task SendAsync(DeliveryAttempt attempt, IReadOnlyList<NextHop> hops, CancellationToken cancel) =>
        SendAsync(attempt, hops, new RouteTls(attempt.Tls), cancel);

    /// <summary>Tries the hosts in order until every recipient is decided, or the time of the attempt is over.</summary>
    /// <param name="tls">How TLS is to be with each host; told how it went.</param>
    public async Task SendAsync(DeliveryAttempt attempt, IReadOnlyList<NextHop> hops, IHopTls tls, CancellationToken cancel)
    {
        var deadline = attempt.DeadlineBy(settings.Time);
        try
        {
            await SendAsync(attempt, hops, tls, deadline, cancel);
        }
        finally
        {
            deadline.Pause();
        }
    }

    private async Task SendAsync(
        DeliveryAttempt attempt, IReadOnlyList<NextHop> hops, IHopTls tls, AttemptDeadline deadline, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Over);
        foreach (var hop in hops)
        {
            if (attempt.IsDecided || deadline.IsOver)
            {
                return;
            }

            deadline.Run();
            try
            {
                await TryAsync(attempt, hop, tls, either.Token);
            }
            catch (SmtpSessionException e) when (!cancel.IsCancellationRequested)
            {
                SenderLog.NextHopFailed(log, attempt.Request.Message, hop, e.Reason, e.Reply);
                attempt.HasFailed |= !(attempt.RequiresTls && e.IsTlsFailure);
                attempt.NoteAll(deadline.IsOver ? TookTooLong(hop) : Failure(attempt, hop, e));
            }
            catch (Exception e) when (attempt.HasDecisions)
            {
                // What is decided must not be lost with what is not: it would be sent again.
                SenderLog.AttemptCutShort(log, e, attempt.Request.Message, hop);
                attempt.NoteAll(new(OutcomeKind.Deferred, Reasons.InternalError, null,
                    new(ReplyCode.LocalError, 3, 0, "The attempt was cut short")));
                return;
            }
            catch (SmtpSessionException)
            {
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>
    /// The session failed: another host or a later attempt may do better. Where the message itself asks for TLS, and this
    /// server has none or none to be trusted, the sender is to be told at once if no other host does better (RFC 8689 §4.2.1).
    /// </summary>
    private static RecipientOutcome Failure(DeliveryAttempt attempt, NextHop hop, SmtpSessionException e) =>
        attempt.RequiresTls && e.ServerLacksTls
            ? new(OutcomeKind.Bounced, Reasons.TlsRequired, hop.ToString(),
                new(ReplyCode.MailboxUnavailable, 7, 10, $"The message asks for REQUIRETLS: {e.Reply.Text}"))
            : new(OutcomeKind.Deferred, e.Reason, hop.ToString(), e.Reply);

    private static RecipientOutcome TookTooLong(NextHop hop) => new(OutcomeKind.Deferred, Reasons.RemoteTimeout, hop.ToString(),
        new(ReplyCode.LocalError, 4, 2, $"The attempt took longer than {AttemptDeadline.MaxTime.TotalMinutes} minutes"));

    private async Task TryAsync(DeliveryAttempt attempt, NextHop hop, IHopTls tls, CancellationToken cancel)
    {
        var key = new ConnectionKey(attempt.Request.Route.Name, hop, tls.For(hop));
        while (pool.Take(key) is { } kept)
        {
            if (await UseAsync(attempt, key, kept, wasKept: true, cancel))
            {
                return;
            }
        }

        var connection = await OpenAsync(attempt, key, tls, cancel);
        await LogInAsync(attempt, connection, cancel);
        await UseAsync(attempt, key, connection, wasKept: false, cancel);
    }

    private async Task LogInAsync(DeliveryAttempt attempt, SmtpConnection connection, CancellationToken cancel)
    {
        if (attempt.Login is null)
        {
            return;
        }

        try
        {
            await using var abort = connection.Channel.AbortOn(cancel);
            await SmtpLogin.RunAsync(connection, attempt.Login, cancel);
        }
        catch (SmtpSessionException e)
        {
            SenderLog.LoginFailed(log, attempt.Request.Message, connection.Hop, e.Reply);
            connection.Channel.Close();
            throw;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A new connection. Where TLS is only wished for and fails, the host gets a second one in clear (RFC 7435 §3).</summary>
    private async Task<SmtpConnection> OpenAsync(DeliveryAttempt attempt, ConnectionKey key, IHopTls tls, CancellationToken cancel)
    {
        try
        {
            var connection = await SmtpConnection.OpenAsync(key.Hop, key.Tls, settings, cancel);
            tls.Opened(connection);
            return connection;
        }
        catch (SmtpSessionException e) when (e.IsTlsFailure && !cancel.IsCancellationRequested)
        {
            tls.Failed(key.Hop, e);
            if (key.Tls.Mode != TlsMode.Opportunistic)
            {
                throw;
            }

            SenderLog.TlsFellBack(log, attempt.Request.Message, key.Hop, e.Reply);
            return await SmtpConnection.OpenAsync(key.Hop, TlsPolicy.Off, settings, cancel);
        }
    }

    /// <summary>False when a kept connection turned out to be dead before the server answered anything.</summary>
    private async Task<bool> UseAsync(
        DeliveryAttempt attempt, ConnectionKey key, SmtpConnection connection, bool wasKept, CancellationToken cancel)
    {
        var answered = false;
        try
        {
            await using var abort = connection.Channel.AbortOn(cancel);
            var fit = await ServerFit.CheckAsync(attempt, connection);
            var open = new Queue<int>(fit is null ? [] : attempt.Undecided());
            for (var i = 0; i < SmtpConnectionPool.MaxTransactions && open.Count > 0 && !connection.Channel.IsOver; i++)
            {
                var transaction = new SmtpTransaction(connection, attempt, Dequeue(open, attempt.MaxRecipients), fit!.Value);
                try
                {
                    await transaction.RunAsync();
                }
                finally
                {
                    answered |= transaction.WasAnswered;
                }

                foreach (var recipient in transaction.Surplus)
                {
                    open.Enqueue(recipient);
                }
            }
        }
        catch (SmtpSessionException e) when (wasKept && !answered && IsDead(e) && !cancel.IsCancellationRequested)
        {
            connection.Dispose();
            return false;
        }
        catch (SmtpSessionException)
        {
            connection.Channel.Close();
            throw;
        }
        catch
        {
            // Perhaps in the middle of the content: a QUIT would become part of it.
            connection.Dispose();
            throw;
        }

        pool.Release(key, connection);
        return true;
    }

    /// <summary>Closed, or about to be: a server says 421 to a connection that it found idle for too long.</summary>
    private static bool IsDead(SmtpSessionException e) =>
        e.Reason == Reasons.ConnectionLost || e.Reply.Code == ReplyCode.Unavailable;

    private static List<int> Dequeue(Queue<int> open, int max)
    {
        var batch = new List<int>(Math.Min(open.Count, max));
        while (batch.Count < max && open.TryDequeue(out var recipient))
        {
            batch.Add(recipient);
        }

        return batch;
    }
}
