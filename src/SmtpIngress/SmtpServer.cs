using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Checks;
using Relay.Forwarding;
using Relay.Options;
using Relay.Routing;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>
/// The SMTP server (RFC 5321): opens the listeners and runs a session for each client. Start it once, drain it, dispose it.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    /// <summary>Octets that one session may hold in either direction at most, beside what the spool holds.</summary>
    private const int MaxBuffer = 64 * 1024;

    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long sessions get to notice that they were cut.</summary>
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(5);

    private readonly SessionContext context;
    private readonly SocketTransportFactory sockets;
    private readonly List<IConnectionListener> listeners = [];
    private readonly List<Task> accepting = [];
    private readonly ConcurrentDictionary<SmtpSession, bool> sessions = new();
    private ITimer? sweep;
    private int open;

    /// <summary>A server that is not started yet.</summary>
    /// <param name="addresses">Domains, aliases and suppressions of the moment.</param>
    /// <param name="checks">What mail of strangers is checked by.</param>
    /// <param name="authenticator">Who is asked when a client signs in; null where nobody can.</param>
    /// <param name="selectCertificate">Gives the certificate of a handshake; null where no listener has TLS.</param>
    /// <param name="known">Aliases and return-paths; null where there are none.</param>
    public SmtpServer(
        RelayOptions options, Intake intake, Router router, IAddressBook addresses, CheckRunner checks, Authenticator? authenticator,
        ServerOptionsSelectionCallback? selectCertificate, TimeProvider time, ILoggerFactory logs, KnownAddresses? known = null)
        : this(options, intake, new RelayPolicy(router, new LiveDomains(options, addresses), options.HostName, known), addresses,
            checks, authenticator, selectCertificate, time, logs)
    {
    }

    internal SmtpServer(
        RelayOptions options, Intake intake, IRelayPolicy policy, IAddressBook addresses, CheckRunner checks, Authenticator? authenticator,
        ServerOptionsSelectionCallback? selectCertificate, TimeProvider time, ILoggerFactory logs)
    {
        context = new SessionContext(
            options, intake, policy, new SuppressedAtDoor(new SuppressedRecipients(addresses, options)), checks, authenticator, selectCertificate, time, logs.CreateLogger<SmtpServer>());
        sockets = new SocketTransportFactory(
            new OptionsWrapper<SocketTransportOptions>(new SocketTransportOptions
            {
                // Costs each idle session a buffer of 4 KiB, and saves every read a system call.
                WaitForDataBeforeAllocatingBuffer = false,
                MaxReadBufferSize = MaxBuffer,
                MaxWriteBufferSize = MaxBuffer,
            }),
            logs);
    }

    /// <summary>Where it listens, with the ports that the system chose for port 0.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>Sessions that are open now.</summary>
    public int OpenSessions => Volatile.Read(ref open);

    /// <summary>Opens all listeners, or none. Throws <see cref="ListenException"/> when one cannot be opened.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        try
        {
            foreach (var listener in context.Smtp.Listeners)
            {
                listeners.Add(await BindAsync(listener.Address, cancel));
            }
        }
        catch
        {
            await StopListeningAsync();
            throw;
        }

        Endpoints = [.. listeners.Select(listener => (IPEndPoint)listener.EndPoint)];
        var period = SweepPeriod(context.Smtp);
        sweep = context.Time.CreateTimer(_ => ExpireSessions(), null, period, period);
        foreach (var (socket, options) in listeners.Zip(context.Smtp.Listeners))
        {
            IngressLog.Listening(context.Log, socket.EndPoint, options.Role, options.Tls);
            accepting.Add(AcceptAsync(socket, new Listener(options, context.Checks.Modes)));
        }
    }

    /// <summary>
    /// Stops listening at once, tells idle clients to go (421), lets content in flight be received and answered, and cuts
    /// what is left when <paramref name="timeout"/> is over or <paramref name="cancel"/> is set.
    /// </summary>
    public async Task DrainAsync(TimeSpan timeout, CancellationToken cancel)
    {
        context.IsDraining = true;
        await StopListeningAsync();
        foreach (var (session, _) in sessions)
        {
            session.Channel.Interrupt();
        }

        try
        {
            await SessionsEndedAsync().WaitAsync(timeout, context.Time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await CutAsync();
        }
    }

    /// <summary>Ends without patience what <see cref="DrainAsync"/> would end with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(TimeSpan.Zero, CancellationToken.None);
        if (sweep is not null)
        {
            await sweep.DisposeAsync();
        }

        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
    }

    private async Task<IConnectionListener> BindAsync(IPEndPoint endpoint, CancellationToken cancel)
    {
        try
        {
            return await sockets.BindAsync(endpoint, cancel);
        }
        catch (Exception e) when (ListenException.Explains(e))
        {
            throw new ListenException(endpoint, e);
        }
    }

    private async Task AcceptAsync(IConnectionListener socket, Listener listener)
    {
        while (await socket.AcceptAsync() is { } connection)
        {
            if (Interlocked.Increment(ref open) > context.Smtp.MaxSessions)
            {
                _ = TurnAwayAsync(connection);
            }
            else
            {
                _ = RunAsync(new SmtpSession(connection, listener, context));
            }
        }
    }

    private async Task RunAsync(SmtpSession session)
    {
        sessions.TryAdd(session, true);
        await session.RunAsync();
        sessions.TryRemove(session, out _);
        Interlocked.Decrement(ref open);
    }

    private async Task TurnAwayAsync(ConnectionContext connection)
    {
        try
        {
            IngressLog.TurnedAway(context.Log, connection.RemoteEndPoint, context.Smtp.MaxSessions);
            SessionReplies.TooManySessions.WriteTo(connection.Transport.Output);
            await connection.Transport.Output.FlushAsync();
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // It is gone already: nothing is owed to it.
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    /// <summary>Short enough for the shortest of the times that sessions may take.</summary>
    private static TimeSpan SweepPeriod(SmtpOptions smtp)
    {
        var shortest = smtp.GreetingDelay > TimeSpan.Zero && smtp.GreetingDelay < smtp.IdleTimeout ? smtp.GreetingDelay : smtp.IdleTimeout;
        return TimeSpan.FromTicks(Math.Min(shortest.Ticks / 4, LongestSweepPeriod.Ticks));
    }

    private void ExpireSessions()
    {
        var now = context.Time.GetTimestamp();
        foreach (var (session, _) in sessions)
        {
            session.Channel.Expire(now);
        }
    }

    private async Task StopListeningAsync()
    {
        foreach (var listener in listeners)
        {
            await listener.UnbindAsync();
        }

        await Task.WhenAll(accepting);
    }

    private async Task CutAsync()
    {
        foreach (var (session, _) in sessions)
        {
            session.Channel.Abort();
        }

        // A session that is inside the spool ends when the spool has answered; a spool that never does must not hold us.
        await Task.WhenAny(SessionsEndedAsync(), Task.Delay(CutTime, context.Time));
    }

    private Task SessionsEndedAsync() => Task.WhenAll(sessions.Keys.Select(session => session.Ended));
}
