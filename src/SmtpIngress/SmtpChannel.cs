using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Relay.Replies;

namespace Relay.SmtpIngress;

/// <summary>
/// The octets of one session, both ways, and how long it may wait for them. Waiting arms a deadline, which costs two writes
/// to a field; the server looks at the deadlines of all sessions every now and then (<see cref="Expire"/>).
/// </summary>
internal sealed class SmtpChannel(ConnectionContext connection, TimeProvider time, TimeSpan idleTimeout)
{
    /// <summary>How long a refused client may go on sending, so that it reads the reply before the connection is reset.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a client may take to fetch the last replies.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(30);

    private readonly PipeReader input = connection.Transport.Input;
    private readonly PipeWriter output = connection.Transport.Output;
    private long deadline = long.MaxValue;
    private volatile bool isReading;
    private volatile bool isExpired;

    /// <summary>True when the client was silent for too long.</summary>
    public bool IsExpired => isExpired;

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

    /// <summary>
    /// What has arrived, waiting for it when there is nothing new. Replies go out before the wait and only then, so that the
    /// replies to pipelined commands travel together (RFC 2920 §3.2).
    /// </summary>
    public ValueTask<ReadResult> ReadAsync()
    {
        if (input.TryRead(out var ready))
        {
            return ValueTask.FromResult(ready);
        }

        var flush = FlushAsync();
        return flush.IsCompletedSuccessfully ? WaitForInputAsync() : FlushAndReadAsync(flush);
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

    /// <summary>Writes a reply, to go out with the next flush.</summary>
    public void Write(SmtpReply reply) => reply.WriteTo(output);

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

    /// <summary>Reads and drops what the client still sends, until it ends or <see cref="LingerTime"/> is over.</summary>
    public async ValueTask LingerAsync()
    {
        Arm(LingerTime, reading: true);
        for (var read = await input.ReadAsync(); !read.IsCompleted && !isExpired; read = await input.ReadAsync())
        {
            input.AdvanceTo(read.Buffer.End);
        }

        Disarm();
    }

    /// <summary>Sends what is left and ends the connection.</summary>
    public async ValueTask CloseAsync()
    {
        Arm(CloseTime, reading: false);
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

    private ValueTask<ReadResult> WaitForInputAsync()
    {
        Arm(idleTimeout, reading: true);
        return input.ReadAsync();
    }

    private async ValueTask<ReadResult> FlushAndReadAsync(ValueTask flush)
    {
        await flush;
        return await WaitForInputAsync();
    }

    private async ValueTask WaitForClientAsync(ValueTask<FlushResult> flush)
    {
        Arm(idleTimeout, reading: false);
        await flush;
        Disarm();
    }

    private void Arm(TimeSpan wait, bool reading)
    {
        isReading = reading;
        Volatile.Write(ref deadline, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));
    }

    private void Disarm() => Volatile.Write(ref deadline, long.MaxValue);
}
