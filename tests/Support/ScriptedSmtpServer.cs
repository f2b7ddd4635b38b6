using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Relay.Support;

/// <summary>
/// An SMTP server on a free loopback port that does exactly what its script says, however wrong that is. Each connection
/// runs the next script; the last one serves all that follow. A script that meets what it does not expect fails the test when
/// the server is disposed.
/// </summary>
public sealed class ScriptedSmtpServer : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Func<ScriptedSmtpSession, Task>[] scripts;
    private readonly ConcurrentBag<Task> sessions = [];
    private readonly ConcurrentQueue<ScriptedSmtpSession> opened = [];
    private readonly Task accepting;

    private ScriptedSmtpServer(IPAddress address, int port, Func<ScriptedSmtpSession, Task>[] scripts)
    {
        this.scripts = scripts;
        listener = new TcpListener(address, port);
        listener.Start();
        EndPoint = (IPEndPoint)listener.LocalEndpoint;
        accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public int Port => EndPoint.Port;

    /// <summary>Every session so far, in the order of their connections.</summary>
    public IReadOnlyList<ScriptedSmtpSession> Sessions => [.. opened];

    /// <summary>Starts on 127.0.0.1.</summary>
    public static ScriptedSmtpServer Start(params Func<ScriptedSmtpSession, Task>[] scripts) => new(IPAddress.Loopback, 0, scripts);

    /// <summary>Starts on another address of this machine.</summary>
    public static ScriptedSmtpServer StartOn(IPAddress address, params Func<ScriptedSmtpSession, Task>[] scripts) => new(address, 0, scripts);

    /// <summary>Starts beside another server: at its port, on another address of this machine.</summary>
    public static ScriptedSmtpServer StartOn(IPAddress address, int port, params Func<ScriptedSmtpSession, Task>[] scripts) =>
        new(address, port, scripts);

    /// <summary>Ends all sessions; throws what a script found wrong.</summary>
    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
        foreach (var session in opened)
        {
            session.Dispose();
        }

        await Task.WhenAll(sessions);
        foreach (var session in opened)
        {
            if (session.Fault is { } fault)
            {
                ExceptionDispatchInfo.Throw(fault);
            }
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var session = new ScriptedSmtpSession(await listener.AcceptSocketAsync());
                opened.Enqueue(session);
                sessions.Add(session.RunAsync(scripts[Math.Min(i, scripts.Length - 1)]));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }
}
