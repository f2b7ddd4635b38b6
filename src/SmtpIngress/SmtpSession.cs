using System.Net;
using Microsoft.AspNetCore.Connections;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;
using Relay.SmtpIngress.Phases;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>
/// One client from connection to end. It reads command lines and has <see cref="TransitionTable"/> run them; what takes more
/// than one line (content, TLS, signing in) is a phase of its own, in <c>Phases/</c>. Only one piece of code of a session
/// runs at a time.
/// </summary>
internal sealed class SmtpSession
{
    private readonly SessionCounts counts;
    private readonly CommandPhase commands;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IncomingMessage? abandoned;
    private IPAddress? countedAddress;
    private bool lingers;

    public SmtpSession(ConnectionContext connection, Listener listener, SessionContext context)
    {
        Context = context;
        Listener = listener;
        Id = context.SessionIds.Next();
        Peer = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        Channel = new SmtpChannel(connection, context.Time, context.Smtp.IdleTimeout);
        counts = new SessionCounts(context.Smtp);
        commands = new CommandPhase(this);
        Checks = new SessionChecks(this);
        Host = listener.KnowsClients ? Peer : null;
        Client = NewClient(Host);
    }

    /// <summary>Its name in the log and the status.</summary>
    public string Id { get; }

    public SessionContext Context { get; }

    public Listener Listener { get; }

    /// <summary>The connection; the server looks after its deadlines and cuts it.</summary>
    public SmtpChannel Channel { get; }

    /// <summary>The address that has connected: the client's, or that of what stands in front.</summary>
    public IPAddress? Peer { get; }

    /// <summary>
    /// The host that has connected, or the one that the load balancer in front names; null where it is not known. What XCLIENT
    /// tells changes nothing in it.
    /// </summary>
    public IPAddress? Host { get; set; }

    /// <summary>Who is on the other side.</summary>
    public Client Client { get; private set; }

    /// <summary>Set by <see cref="TransitionTable"/> alone, and by what ends a phase or the session.</summary>
    public SessionState State { get; set; }

    /// <summary>What MAIL opened; null outside a transaction. Content that had begun to come is given up with it.</summary>
    public Transaction? Transaction
    {
        get;
        set
        {
            abandoned = field?.Message ?? abandoned;
            field = value;
        }
    }

    /// <summary>What the last BDAT announced; null when its octets are read.</summary>
    public Chunk? Chunk { get; set; }

    /// <summary>What the last AUTH or XCLIENT asked for; null when its phase has taken it.</summary>
    public string? Argument { get; set; }

    /// <summary>The reply that waits for the checks; null when none does.</summary>
    public HeldReply? Held { get; set; }

    /// <summary>What is checked of the client and its mail.</summary>
    public SessionChecks Checks { get; }

    /// <summary>The reply to the command that is running is the last one.</summary>
    public bool EndsAfterReply { get; set; }

    /// <summary>Whether the client may begin another message in this session.</summary>
    public bool HasAllMessages => counts.HasAllMessages;

    /// <summary>Whether AUTH is offered: there is somebody to ask, and nobody on the way can read what is said (RFC 4954 §4).</summary>
    public bool OffersAuth => Context.Authenticator is not null &&
        (Client.Tls is not null || Context.AuthWithoutTls.Contain(Client.Address));

    /// <summary>The host that has connected may speak for a client of its own.</summary>
    public bool MayXclient => Context.XclientNetworks.Contain(Host);

    /// <summary>Completes when the session is over and its connection is closed.</summary>
    public Task Ended => ended.Task;

    /// <summary>
    /// A client that ends its command lines in a bare LF will end its content so too. It is believed only when it is
    /// trusted and never did otherwise: else LF.LF inside the content of somebody's mail could smuggle in another one.
    /// </summary>
    public LineEnds LineEnds => Client.IsTrusted && commands.OnlyBareLineFeeds ? LineEnds.LineFeed : LineEndsOfChunks;

    /// <summary>Where the end of the content is counted, no line end is believed to be one.</summary>
    public LineEnds LineEndsOfChunks => Client.IsTrusted ? LineEnds.Normalise : LineEnds.Strict;

    /// <summary>Runs the session to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        var hasFailed = false;
        try
        {
            await ConverseAsync();
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException || (Channel.Tls is not null && e is IOException))
        {
            IngressLog.ConnectionLost(Context.Log, Id, State, e.Message);
        }
        catch (Exception e)
        {
            IngressLog.SessionFailed(Context.Log, e, Id, State);
            hasFailed = true;
        }

        try
        {
            Transaction = null;
            await GiveUpAbandonedAsync();
            if (hasFailed)
            {
                Channel.Write(SessionReplies.InternalError);
            }

            await Channel.DisposeAsync();
        }
        catch (Exception e)
        {
            IngressLog.ConnectionLost(Context.Log, Id, State, e.Message);
        }

        if (countedAddress is not null)
        {
            Context.SessionsByAddress.Leave(countedAddress);
        }

        IngressLog.SessionClosed(Context.Log, Id);
        ended.SetResult();
    }

    /// <summary>Counts the session for the client's address; false when it has too many. Trusted networks are free of it.</summary>
    public bool CountForAddress()
    {
        if (Client.IsTrusted || Client.Address is not { } address)
        {
            return true;
        }

        if (!Context.SessionsByAddress.TryEnter(address, Context.Smtp.MaxSessionsPerAddress))
        {
            return false;
        }

        countedAddress = address;
        return true;
    }

    /// <summary>Nothing that was said holds any more: the session is as at its greeting, with a client at this address.</summary>
    public void BeginAnew(IPAddress? client)
    {
        Client = NewClient(client);
        Checks.Forget(CheckStage.Helo);
        Transaction = null;
        State = SessionState.Fresh;
    }

    /// <summary>Opens the content of the transaction; gives 354, or the refusal.</summary>
    public SmtpReply BeginContent()
    {
        try
        {
            Transaction!.Message = Context.Intake.Begin(Transaction.ToEnvelope(), Client.ToOrigin(Id, Transaction.SmtpUtf8));
            return SessionReplies.StartMailInput;
        }
        catch (SpoolException e)
        {
            IngressLog.SpoolFailed(Context.Log, e, Id, e.Message);
            return SessionReplies.SpoolUnavailable;
        }
    }

    /// <summary>A message was accepted: the client has made mail.</summary>
    public void CountMessage() => counts.CountMessage();

    /// <summary>Writes a reply of a phase, and counts it when it is an error.</summary>
    public void Answer(SmtpReply reply, Verb verb = Verb.Mail)
    {
        if (counts.Count(verb, reply, Client.IsTrusted) is { } last)
        {
            RefuseSession(last);
            return;
        }

        if (EndsAfterReply || reply.Code == ReplyCode.Unavailable)
        {
            RefuseSession(reply);
            return;
        }

        if (reply.Code == ReplyCode.MailboxUnavailable)
        {
            IngressLog.Refused(Context.Log, Id, Client.Address, reply);
        }

        Channel.Write(reply);
    }

    /// <summary>Whether a line ends in, or holds, what only a trusted client may send; the session ends with it.</summary>
    public bool RefusesLineEnd(ClientLine line) => commands.RefusesLineEnd(line);

    /// <summary>Says why the session is over, and lets the client read it.</summary>
    public void RefuseSession(SmtpReply reply)
    {
        IngressLog.Refused(Context.Log, Id, Client.Address, reply);
        CloseWith(reply);
        lingers = true;
    }

    /// <summary>Ends the session, with a reply if there is anything to say.</summary>
    public void CloseWith(SmtpReply? reply)
    {
        if (reply is not null)
        {
            Channel.Write(reply);
        }

        State = SessionState.Closed;
    }

    private async Task ConverseAsync()
    {
        IngressLog.SessionOpened(Context.Log, Id, Client.Address, Client.IsTrusted);
        await Prelude.RunAsync(this);
        while (State != SessionState.Closed)
        {
            switch (State)
            {
                case SessionState.Data:
                    await ContentPhase.RunAsync(this);
                    break;
                case SessionState.Chunk:
                    await ChunkPhase.RunAsync(this);
                    break;
                case SessionState.StartTls:
                    await TlsPhase.RunAsync(this);
                    break;
                case SessionState.Authentication:
                    await AuthPhase.RunAsync(this);
                    break;
                case SessionState.Xclient:
                    await XclientPhase.RunAsync(this);
                    break;
                case SessionState.Checking:
                    await CheckPhase.RunAsync(this);
                    break;
                case not SessionState.Chunks when Context.IsDraining:
                    CloseWith(SessionReplies.Stopping);
                    lingers = Channel.HasInput;
                    break;
                default:
                    await GiveUpAbandonedAsync();
                    await commands.RunAsync();
                    break;
            }
        }

        if (lingers)
        {
            await Channel.FlushAsync();
            await Channel.LingerAsync();
        }
    }

    private ValueTask GiveUpAbandonedAsync()
    {
        if (abandoned is not { } message)
        {
            return ValueTask.CompletedTask;
        }

        abandoned = null;
        return message.DisposeAsync();
    }

    private Client NewClient(IPAddress? address) => new(address, Context.TrustedNetworks.Contain(address), Channel.Tls);
}
