using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// The line to one remote server: octets out, replies in, in clear or under TLS. Every wait has a deadline by the injected
/// clock; when it passes, the socket is closed under whoever waits. All trouble is a <see cref="SmtpSessionException"/>.
/// </summary>
internal sealed class SmtpChannel : IBufferWriter<byte>, IDisposable
{
    private const int InputSize = 4096;
    private const int FirstOutputSize = 4096;

    private readonly NextHop hop;
    private readonly Socket socket;
    private readonly ITimer deadline;
    private readonly byte[] input = new byte[InputSize];
    private ReplyReader reader = new();
    private Stream stream = Stream.Null;
    private int inputStart;
    private int inputEnd;
    private byte[]? output;
    private int outputLength;
    private volatile bool timedOut;

    /// <summary>Nothing more can be said: the connection is broken, or the server said 421 or what is no SMTP.</summary>
    public bool IsOver { get; private set; } = true;

    /// <summary>Makes a socket; throws <see cref="SmtpSessionException"/> where the machine has none left, or not of this family.</summary>
    public SmtpChannel(NextHop hop, TimeProvider time)
    {
        this.hop = hop;
        try
        {
            socket = new Socket(hop.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }
        catch (SocketException e)
        {
            throw CannotConnect(e);
        }

        deadline = time.CreateTimer(
            static channel => ((SmtpChannel)channel!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where the connection comes from; null without one.</summary>
    public IPAddress? LocalAddress { get; private set; }

    /// <summary>Closes the socket when cancelled, so that every wait ends at once.</summary>
    public CancellationTokenRegistration AbortOn(CancellationToken cancel) =>
        cancel.UnsafeRegister(static channel => ((SmtpChannel)channel!).socket.Dispose(), this);

    public async Task ConnectAsync()
    {
        Arm(SmtpTimeouts.Connect);
        try
        {
            await socket.ConnectAsync(hop.Address);
            stream = new NetworkStream(socket, ownsSocket: true);
            LocalAddress = (socket.LocalEndPoint as IPEndPoint)?.Address;
            IsOver = false;
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw CannotConnect(e);
        }
    }

    /// <summary>TLS from here on. What the server sent before the handshake is forgotten (RFC 3207 §6).</summary>
    public async Task StartTlsAsync(SslClientAuthenticationOptions options)
    {
        inputStart = inputEnd = 0;
        reader = new ReplyReader();
        var tls = new SslStream(stream);
        stream = tls;
        Arm(SmtpTimeouts.TlsHandshake);
        try
        {
            await tls.AuthenticateAsClientAsync(options);
        }
        catch (Exception e) when (IsBroken(e) || e is AuthenticationException)
        {
            IsOver = true;
            var why = timedOut ? "no answer in the handshake" : e.Message;
            throw new SmtpSessionException(
                Reasons.TlsRequired, new(ReplyCode.LocalError, 7, 5, $"TLS with {hop} failed: {why}"), e)
            {
                ServerLacksTls = e is AuthenticationException,
            };
        }
    }

    public void Advance(int count) => outputLength += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return output.AsMemory(outputLength);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Octets written and not yet flushed.</summary>
    public int Unflushed => outputLength;

    /// <summary>Sends what was written, in one piece.</summary>
    /// <param name="timeout">For the network to take it; the reply that is waited for next has the same.</param>
    public async ValueTask FlushAsync(TimeSpan timeout)
    {
        Arm(timeout);
        try
        {
            await stream.WriteAsync(output.AsMemory(0, outputLength));
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw Broken(e);
        }
        finally
        {
            ReleaseOutput();
        }
    }

    /// <summary>The next reply. A 421 ends the session, whatever it answers (RFC 5321 §3.8).</summary>
    public ValueTask<SmtpReply> ReadReplyAsync(TimeSpan timeout) =>
        TakeReply() is { } reply ? new(reply) : WaitForReplyAsync(timeout);

    /// <summary>
    /// False when the server closed, or said what nobody asked for: a farewell, or more about the message before. Who goes on
    /// then would take replies for those of another message.
    /// </summary>
    public bool IsQuiet => !IsOver && inputStart == inputEnd && reader.IsIdle && !HasInput();

    /// <summary>Nothing is waited for: between two messages.</summary>
    public void Rest() => deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Closes; where the line still works, after QUIT (RFC 5321 §4.1.1.10), which nobody waits for.</summary>
    public void Close()
    {
        if (IsOver)
        {
            Dispose();
        }
        else
        {
            _ = QuitAsync();
        }
    }

    /// <summary>Says QUIT, waits a little for the answer, and closes. Never fails.</summary>
    public async Task QuitAsync()
    {
        try
        {
            ReleaseOutput();
            this.Write("QUIT\r\n"u8);
            await FlushAsync(SmtpTimeouts.Quit);
            await ReadReplyAsync(SmtpTimeouts.Quit);
        }
        catch (SmtpSessionException)
        {
            // It was to be closed anyway.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        deadline.Dispose();
        stream.Dispose();
        socket.Dispose();
    }

    private async ValueTask<SmtpReply> WaitForReplyAsync(TimeSpan timeout)
    {
        Arm(timeout);
        while (true)
        {
            var octets = 0;
            try
            {
                octets = await stream.ReadAsync(input);
            }
            catch (Exception e) when (IsBroken(e))
            {
                throw Broken(e);
            }

            if (octets == 0)
            {
                throw Broken(null);
            }

            (inputStart, inputEnd) = (0, octets);
            if (TakeReply() is { } reply)
            {
                return reply;
            }
        }
    }

    /// <summary>A reply out of what has come already; null when it is not whole yet, and then the input is used up.</summary>
    private SmtpReply? TakeReply()
    {
        ReadOnlySpan<byte> octets = input.AsSpan(inputStart, inputEnd - inputStart);
        try
        {
            var reply = reader.Read(ref octets);
            inputStart = inputEnd - octets.Length;
            if (reply?.Code == ReplyCode.Unavailable)
            {
                IsOver = true;
                throw new SmtpSessionException(Reasons.RemoteTemporary, reply);
            }

            return reply;
        }
        catch (InvalidDataException e)
        {
            IsOver = true;
            throw new SmtpSessionException(
                Reasons.RemoteProtocolError, new(ReplyCode.LocalError, 5, 0, $"{hop} does not speak SMTP: {e.Message}"), e);
        }
    }

    private bool HasInput()
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception e) when (IsBroken(e))
        {
            return true;
        }
    }

    private void Arm(TimeSpan timeout) => deadline.Change(timeout, Timeout.InfiniteTimeSpan);

    private void OnDeadline()
    {
        timedOut = true;
        socket.Dispose();
    }

    private SmtpSessionException CannotConnect(Exception cause) => new(
        Reasons.ConnectFailed,
        new(ReplyCode.LocalError, 4, 1, $"Cannot connect to {hop}: {(timedOut ? "no answer" : cause.Message)}"), cause);

    private SmtpSessionException Broken(Exception? cause)
    {
        IsOver = true;
        return timedOut
            ? new(Reasons.RemoteTimeout, new(ReplyCode.LocalError, 4, 2, $"{hop} did not answer in time"), cause)
            : new(Reasons.ConnectionLost, new(ReplyCode.LocalError, 4, 2,
                $"Lost the connection to {hop}: {cause?.Message ?? "the server closed it"}"), cause);
    }

    private static bool IsBroken(Exception e) => e is IOException or SocketException or ObjectDisposedException;

    private void Reserve(int room)
    {
        if (output is not null && output.Length - outputLength >= room)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstOutputSize, outputLength + room));
        output?.AsSpan(0, outputLength).CopyTo(larger);
        var length = outputLength;
        ReleaseOutput();
        (output, outputLength) = (larger, length);
    }

    private void ReleaseOutput()
    {
        if (output is not null)
        {
            ArrayPool<byte>.Shared.Return(output);
        }

        (output, outputLength) = (null, 0);
    }
}
