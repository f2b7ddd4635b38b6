using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Relay.Mail;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>
/// One client from greeting to end. It reads command lines, has <see cref="TransitionTable"/> run them, and reads the content
/// when a command has opened it. Only one piece of code of a session runs at a time.
/// </summary>
internal sealed class SmtpSession
{
    private readonly LineReader lines = new();
    private readonly IPAddress? client;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Origin? origin;
    private IncomingMessage? incoming;
    private bool onlyBareLineFeeds = true;
    private bool lingers;
    private int errors;

    public SmtpSession(ConnectionContext connection, SessionContext context)
    {
        Context = context;
        Id = context.SessionIds.Next();
        client = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        IsTrusted = context.TrustedNetworks.Contain(client);
        Channel = new SmtpChannel(connection, context.Time, context.Smtp.IdleTimeout);
    }

    /// <summary>Its name in the log and the status.</summary>
    public string Id { get; }

    public SessionContext Context { get; }

    /// <summary>The connection; the server looks after its deadlines and cuts it.</summary>
    public SmtpChannel Channel { get; }

    /// <summary>The client is in one of the trusted networks: it may relay, and its syntax may be sloppy.</summary>
    public bool IsTrusted { get; }

    /// <summary>The client said EHLO.</summary>
    public bool IsExtended { get; private set; }

    /// <summary>Set by <see cref="TransitionTable"/> alone, and by what ends content or session.</summary>
    public SessionState State { get; set; }

    /// <summary>What MAIL opened; null outside a transaction.</summary>
    public Transaction? Transaction { get; set; }

    /// <summary>Completes when the session is over and its connection is closed.</summary>
    public Task Ended => ended.Task;

    /// <summary>Runs the session to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ConverseAsync();
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            IngressLog.ConnectionLost(Context.Log, Id, State, e.Message);
        }
        catch (Exception e)
        {
            IngressLog.SessionFailed(Context.Log, e, Id, State);
            Channel.Write(SessionReplies.InternalError);
        }

        try
        {
            await Channel.CloseAsync();
        }
        catch (Exception e)
        {
            IngressLog.ConnectionLost(Context.Log, Id, State, e.Message);
        }

        IngressLog.SessionClosed(Context.Log, Id);
        ended.SetResult();
    }

    /// <summary>Takes the client's name and drops any transaction (RFC 5321 §4.1.4).</summary>
    /// <returns>Null, or why the name is refused.</returns>
    public SmtpReply? Greet(ReadOnlySpan<byte> name, string protocol)
    {
        if (name.IsEmpty)
        {
            return SessionReplies.ArgumentMissing;
        }

        if (IsTrusted ? name.ContainsAnyInRange((byte)0, (byte)0x1f) : !Mailbox.IsDomain(name))
        {
            return SessionReplies.BadHelo;
        }

        origin = new Origin
        {
            Protocol = protocol,
            ClientAddress = client is null ? null : Origin.Text(client),
            Helo = Encoding.UTF8.GetString(name),
            SessionId = Id,
        };
        IsExtended = protocol == "ESMTP";
        Transaction = null;
        return null;
    }

    /// <summary>Opens the content of the transaction.</summary>
    public SmtpReply BeginContent()
    {
        // RFC 6531 §4.3 has a protocol name of its own for mail that came with SMTPUTF8.
        var from = Transaction!.SmtpUtf8 ? origin! with { Protocol = "UTF8SMTP" } : origin!;
        try
        {
            incoming = Context.Intake.Begin(Transaction.ToEnvelope(), from);
            return SessionReplies.StartMailInput;
        }
        catch (SpoolException e)
        {
            IngressLog.SpoolFailed(Context.Log, e, Id, e.Message);
            return SessionReplies.SpoolUnavailable;
        }
    }

    private async Task ConverseAsync()
    {
        IngressLog.SessionOpened(Context.Log, Id, client, IsTrusted);
        Channel.Write(Context.Greeting);
        while (State != SessionState.Closed)
        {
            if (State == SessionState.Data)
            {
                await ReceiveContentAsync();
            }
            else if (Context.IsDraining)
            {
                CloseWith(SessionReplies.Stopping);
                lingers = Channel.HasInput;
            }
            else
            {
                RunCommands(await Channel.ReadAsync());
            }
        }

        if (lingers)
        {
            await Channel.FlushAsync();
            await Channel.LingerAsync();
        }
    }

    /// <summary>Runs all whole command lines that have arrived, up to one that opens the content.</summary>
    private void RunCommands(ReadResult read)
    {
        if (Channel.IsExpired)
        {
            CloseWith(SessionReplies.TimedOut);
            Channel.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
            return;
        }

        var rest = read.Buffer;
        while (State is not (SessionState.Data or SessionState.Closed) && lines.TryRead(ref rest, out var line))
        {
            Run(line);
        }

        Channel.AdvanceTo(rest.Start, State == SessionState.Data ? rest.Start : rest.End);
        if (read.IsCompleted && State != SessionState.Data)
        {
            State = SessionState.Closed;
        }
    }

    private void Run(ClientLine line)
    {
        onlyBareLineFeeds &= !line.EndsInCrLf;
        if (!IsTrusted && (!line.EndsInCrLf || line.Text.PositionOf((byte)'\r') is not null))
        {
            RefuseSession(SessionReplies.CommandLineEnd);
            return;
        }

        if (line.IsTooLong)
        {
            Answer(default, SessionReplies.LineTooLong);
        }
        else if (line.Text.IsSingleSegment)
        {
            Run(line.Text.FirstSpan);
        }
        else
        {
            Span<byte> copy = stackalloc byte[LineReader.MaxLength];
            line.Text.CopyTo(copy);
            Run(copy[..(int)line.Text.Length]);
        }
    }

    private void Run(ReadOnlySpan<byte> line)
    {
        var command = CommandLine.Parse(line);
        if (command.IsHttpRequest)
        {
            RefuseSession(SessionReplies.NoHttp);
            return;
        }

        Answer(line, TransitionTable.Run(this, command));
    }

    private void Answer(ReadOnlySpan<byte> line, SmtpReply reply)
    {
        IngressLog.Command(Context.Log, Id, line, reply);
        if (IsError(reply) && ++errors > Context.Smtp.MaxErrors)
        {
            RefuseSession(SessionReplies.TooManyErrors);
            return;
        }

        if (reply.Code == ReplyCode.MailboxUnavailable)
        {
            IngressLog.Refused(Context.Log, Id, client, reply);
        }

        Channel.Write(reply);
    }

    /// <summary>A trusted client may well have many recipients who cannot be reached; that is no sign of a broken client.</summary>
    private bool IsError(SmtpReply reply) => reply.IsPermanent && !(IsTrusted && reply.Code == ReplyCode.MailboxUnavailable);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveContentAsync()
    {
        await using var message = incoming!;
        incoming = null;
        var reader = new DataReader(LineEndsOfClient(), Context.Smtp.MaxMessageSize);
        var end = await ContentPhase.ReadAsync(Channel, reader, message);
        Transaction = null;
        State = SessionState.Ready;
        switch (end)
        {
            case ContentEnd.Complete:
                Channel.Write((await message.CompleteAsync()).Reply);

                // At once, whatever else has arrived: until the client knows, it may send the message again (RFC 1047).
                await Channel.FlushAsync();
                break;
            case ContentEnd.TooBig:
                IngressLog.Refused(Context.Log, Id, client, SessionReplies.MessageTooBig);
                Channel.Write(SessionReplies.MessageTooBig);
                break;
            case ContentEnd.BareLineEnd:
                RefuseSession(SessionReplies.ContentLineEnd);
                break;
            default:
                IngressLog.ContentBroken(Context.Log, Id, client, reader.Length, end);
                CloseWith(end == ContentEnd.TimedOut ? SessionReplies.TimedOut : null);
                break;
        }
    }

    /// <summary>
    /// A client that ends its command lines in a bare LF will end its content so too. It is believed only when it is
    /// trusted and never did otherwise: else LF.LF inside the content of somebody's mail could smuggle in another one.
    /// </summary>
    private LineEnds LineEndsOfClient()
    {
        if (!IsTrusted)
        {
            return LineEnds.Strict;
        }

        return onlyBareLineFeeds ? LineEnds.LineFeed : LineEnds.Normalise;
    }

    private void RefuseSession(SmtpReply reply)
    {
        IngressLog.Refused(Context.Log, Id, client, reply);
        CloseWith(reply);
        lingers = true;
    }

    private void CloseWith(SmtpReply? reply)
    {
        if (reply is not null)
        {
            Channel.Write(reply);
        }

        State = SessionState.Closed;
    }
}
