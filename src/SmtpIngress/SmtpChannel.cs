using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Relay.Certificates;
using Relay.Replies;
using Relay.SmtpIngress.Tls;

namespace Relay.SmtpIngress;

/// <summary>
/// The octets of one session, both ways, in clear or under TLS, and how long it may wait for them. Waiting arms a deadline,
/// which costs two writes to a field; the server looks at the deadlines of all sessions every now and then
/// (<see cref="Expire"/>).
/// </summary>
internal sealed class SmtpChannel(ConnectionContext connection, TimeProvider time, TimeSpan idleTimeout) : IAsyncDisposable
{
    /// <summary>How long a refused client may go on sending, so that it reads the reply before the connection is reset.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a client may take to fetch the last replies.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(30);

    /// <summary>Octets of replies that wait for the input to pause.</summary>
    private const int MaxUnsent = 16 * 1024;

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromMinutes(1);

    private PipeReader input = connection.Transport.Input;
    private PipeWriter output = connection.Transport.Output;
    private SslStream? tls;
    private long deadline = long.MaxValue;
    private volatile bool isReading;
    private volatile bool isExpired;

    /// <summary>True when the client was silent for too long, or too slow.</summary>
    public bool IsExpired => isExpired;

    /// <summary>The protocol and cipher suite of TLS, such as <c>TLSv1.3</c> with <c>TLS_AES_256_GCM_SHA384</c>; null in clear.</summary>
    public TlsParameters? Tls { get; private set; }

    /// <summary>True when something has arrived that nobody looked at.</summary>
    public bool HasInput
    {
        get
        {
            if (!input.TryRead(out var read))
            {
                return false;
            }

            input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
    }

    /// <summary>The deadline of something that may take so long from now.</summary>
    public long DeadlineIn(TimeSpan wait) => time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);

    /// <summary>
    /// What has arrived, waiting for it until <paramref name="until"/> when there is nothing new. Replies go out before the
    /// wait, so that the replies to pipelined commands travel together (RFC 2920 §3.2), and when there are so many that a client
    /// who never stops sending would fill the memory with them.
    /// </summary>
    public ValueTask<ReadResult> ReadAsync(long until)
    {
        if (output.UnflushedBytes < MaxUnsent && input.TryRead(out var ready))
        {
            return ValueTask.FromResult(ready);
        }

        var flush = FlushAsync();
        return flush.IsCompletedSuccessfully ? WaitForInputAsync(until) : FlushAndReadAsync(flush, until);
    }

    /// <summary>
    /// Gives back what <see cref="ReadAsync"/> gave: what is consumed, and up to where nothing more can be read without new
    /// input. The client is no longer waited for.
    /// </summary>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Disarm();
        input.AdvanceTo(consumed, examined);
    }

    /// <summary>Throws away what has arrived.</summary>
    public void DiscardInput()
    {
        if (input.TryRead(out var read))
        {
            input.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>True when the client sends anything within that time, or ends.</summary>
    public async ValueTask<bool> TalksWithinAsync(TimeSpan wait)
    {
        var read = await ReadAsync(DeadlineIn(wait));
        AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        var talks = !read.Buffer.IsEmpty || read.IsCompleted;
        isExpired = false;
        return talks;
    }

    /// <summary>Writes a reply, to go out with the next flush.</summary>
    public void Write(SmtpReply reply) => reply.WriteTo(output);

    /// <summary>Writes a line that is whole, to go out with the next flush.</summary>
    public void Write(ReadOnlySpan<byte> line) => output.Write(line);

    /// <summary>Sends what was written. It waits only for a client that does not read.</summary>
    public ValueTask FlushAsync()
    {
        if (output.UnflushedBytes == 0)
        {
            return ValueTask.CompletedTask;
        }

        var flush = output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            // A client that is gone shows when it is read from.
            _ = flush.Result;
            return ValueTask.CompletedTask;
        }

        return WaitForClientAsync(flush);
    }

    /// <summary>
    /// Changes to TLS as its server. Throws <see cref="IOException"/> or
    /// <see cref="System.Security.Authentication.AuthenticationException"/> when the handshake fails.
    /// </summary>
    public async ValueTask SecureAsync(ServerOptionsSelectionCallback select)
    {
        await FlushAsync();
        tls = new SslStream(new DuplexStream(input, output));
        Arm(DeadlineIn(HandshakeTimeout), reading: false);
        await ServerHandshake.AuthenticateAsync(tls, select, CancellationToken.None);
        Disarm();
        Tls = TlsParameters.Of(tls);

        // Without reads of zero octets each idle session would hold a buffer of a whole TLS record.
        input = PipeReader.Create(tls, new StreamPipeReaderOptions(bufferSize: 16 * 1024, useZeroByteReads: true, leaveOpen: true));
        output = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <summary>Reads and drops what the client still sends, until it ends or <see cref="LingerTime"/> is over.</summary>
    public async ValueTask LingerAsync()
    {
        Arm(DeadlineIn(LingerTime), reading: true);
        for (var read = await input.ReadAsync(); !read.IsCompleted && !isExpired; read = await input.ReadAsync())
        {
            input.AdvanceTo(read.Buffer.End);
        }

        Disarm();
    }

    /// <summary>Sends what is left and ends the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        Arm(DeadlineIn(CloseTime), reading: false);
        if (tls is not null && Tls is not null)
        {
            await EndTlsAsync(tls);
        }
        else if (tls is not null)
        {
            // Its handshake has failed; what it holds outside of managed memory should not wait for the collector.
            await tls.DisposeAsync();
        }

        await connection.DisposeAsync();
        Disarm();
    }

    /// <summary>Wakes a session that waits for its client.</summary>
    public void Interrupt() => input.CancelPendingRead();

    /// <summary>Cuts the connection.</summary>
    public void Abort() => connection.Abort(new ConnectionAbortedException("Cut by the server"));

    /// <summary>Ends the wait of a client whose deadline is over at <paramref name="now"/> (a timestamp).</summary>
    public void Expire(long now)
    {
        if (Volatile.Read(ref deadline) > now)
        {
            return;
        }

        Disarm();
        isExpired = true;
        if (isReading)
        {
            Interrupt();
        }
        else
        {
            Abort();
        }
    }

    private ValueTask<ReadResult> WaitForInputAsync(long until)
    {
        Arm(until, reading: true);
        return input.ReadAsync();
    }

    private async ValueTask<ReadResult> FlushAndReadAsync(ValueTask flush, long until)
    {
        await flush;
        return await WaitForInputAsync(until);
    }

    private async ValueTask WaitForClientAsync(ValueTask<FlushResult> flush)
    {
        Arm(DeadlineIn(idleTimeout), reading: false);
        await flush;
        Disarm();
    }

    /// <summary>Says that no more will come (close_notify), so that the client knows that nothing was cut off.</summary>
    private async ValueTask EndTlsAsync(SslStream secured)
    {
        try
        {
            await output.CompleteAsync();
            await secured.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client is gone already.
        }

        await input.CompleteAsync();
        await secured.DisposeAsync();
    }

    private void Arm(long until, bool reading)
    {
        isReading = reading;
        Volatile.Write(ref deadline, until);
    }

    private void Disarm() => Volatile.Write(ref deadline, long.MaxValue);
}
