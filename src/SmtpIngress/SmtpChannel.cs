using System.IO.Pipelines;
using System.Runtime.CompilerServices;
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

    /// <summary>
    /// What has arrived, waiting for it when there is nothing new. Replies go out before the wait and only then, so that the
    /// replies to pipelined commands travel together (RFC 2920 §3.2).
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadResult> ReadAsync()
    {
        if (input.TryRead(out var ready))
        {
            return ready;
        }

        await FlushAsync();
        isReading = true;
        Arm(idleTimeout);
        try
        {
            return await input.ReadAsync();
        }
        finally
        {
            Disarm();
            isReading = false;
        }
    }

    /// <summary>Gives back what <see cref="ReadAsync"/> gave: what is consumed, and up to where nothing more can be read without new input.</summary>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

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

        return WaitForAsync(flush);
    }

    /// <summary>Reads and drops what the client still sends, until it ends or <see cref="LingerTime"/> is over.</summary>
    public async ValueTask LingerAsync()
    {
        isReading = true;
        Arm(LingerTime);
        for (var read = await input.ReadAsync(); !read.IsCompleted && !isExpired; read = await input.ReadAsync())
        {
            input.AdvanceTo(read.Buffer.End);
        }

        Disarm();
        isReading = false;
    }

    /// <summary>Sends what is left and ends the connection.</summary>
    public async ValueTask CloseAsync()
    {
        Arm(CloseTime);
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

    private async ValueTask WaitForAsync(ValueTask<FlushResult> flush)
    {
        Arm(idleTimeout);
        try
        {
            await flush;
        }
        finally
        {
            Disarm();
        }
    }

    private void Arm(TimeSpan wait) =>
        Volatile.Write(ref deadline, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));

    private void Disarm() => Volatile.Write(ref deadline, long.MaxValue);
}
