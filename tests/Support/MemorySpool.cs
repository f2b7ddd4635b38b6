using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Support;

/// <summary>A message as <see cref="MemorySpool"/> holds it.</summary>
public sealed record StoredMessage(AcceptedMessage Message, byte[] Octets)
{
    /// <summary>What the client sent: the octets behind the one header field that Relay writes.</summary>
    public ReadOnlySpan<byte> ContentAsSent(string hostName)
    {
        var field = TraceHeaders.Received(Message.Id, Message.Origin, Message.Envelope, hostName, Message.AcceptedAt);
        // Fields of checks may stand before it.
        var at = Octets.AsSpan().IndexOf(field);
        return at >= 0
            ? (byte[])[.. Octets.AsSpan(0, at), .. Octets.AsSpan(at + field.Length)]
            : throw new InvalidOperationException($"does not begin with {Encoding.UTF8.GetString(field)}");
    }
}

/// <summary>
/// A spool that keeps what it accepts in memory, for tests of what hands messages in. It can be told to fail or to wait, and
/// has no work to lease.
/// </summary>
public sealed class MemorySpool : ISpool
{
    private readonly ConcurrentQueue<StoredMessage> messages = new();
    private readonly ConcurrentQueue<(MessageId, RemoteReport)> reports = new();
    private readonly ConcurrentDictionary<MessageId, bool> known = new();
    private int openContents;
    private int accepts;
    private int acceptFaults;
    private int createFaults;
    private int flushFaults;
    private int readFaults;

    /// <summary>Messages in the order of their acceptance.</summary>
    public IReadOnlyCollection<StoredMessage> Messages => messages;

    /// <summary>Reports in the order of their arrival.</summary>
    public IReadOnlyCollection<(MessageId About, RemoteReport Report)> Reports => reports;

    /// <summary>Contents begun and neither accepted nor given up.</summary>
    public int OpenContents => Volatile.Read(ref openContents);

    /// <summary>Accepts begun.</summary>
    public int Accepts => Volatile.Read(ref accepts);

    /// <summary>Accepting waits for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The next accepts fail: there is no room.</summary>
    public void FailAccepts(int count) => Volatile.Write(ref acceptFaults, count);

    /// <summary>The next contents cannot be begun: the store is gone.</summary>
    public void FailCreates(int count) => Volatile.Write(ref createFaults, count);

    /// <summary>The next contents find no room when they are flushed.</summary>
    public void FailFlushes(int count) => Volatile.Write(ref flushFaults, count);

    /// <summary>The next contents cannot be looked at before they are accepted: the store is gone.</summary>
    public void FailReads(int count) => Volatile.Write(ref readFaults, count);

    /// <summary>From now on the spool knows the message, as one that it took before.</summary>
    public void Know(MessageId id) => known[id] = true;

    /// <inheritdoc/>
    public IContentWriter CreateContent(MessageId id)
    {
        if (Interlocked.Decrement(ref createFaults) >= 0)
        {
            throw new SpoolException(SpoolFault.Unavailable, "told to fail");
        }

        Interlocked.Increment(ref openContents);
        return new Content(this);
    }

    /// <inheritdoc/>
    public async Task AcceptAsync(AcceptedMessage message, IContentWriter content)
    {
        var gate = Gate;
        Interlocked.Increment(ref accepts);
        await gate;
        if (Interlocked.Decrement(ref acceptFaults) >= 0)
        {
            throw new SpoolException(SpoolFault.Full, "told to fail");
        }

        messages.Enqueue(new StoredMessage(message, ((Content)content).Octets.WrittenSpan.ToArray()));
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) =>
        ValueTask.FromResult<Stream?>(
            messages.FirstOrDefault(m => m.Message.Id == id) is { } found ? new MemoryStream(found.Octets, writable: false) : null);

    /// <inheritdoc/>
    public ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel) => ValueTask.FromResult<string?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public Task<bool> CommitAsync(Transition transition) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel) => throw NoWork();

    /// <inheritdoc/>
    public Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null) => throw NoWork();

    /// <inheritdoc/>
    public Task SetAsideAsync(Lease lease, string reason, string detail) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) => throw NoWork();

    /// <inheritdoc/>
    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) => throw NoWork();

    /// <summary>Known is what was accepted here, and what <see cref="Know"/> names.</summary>
    public Task<bool> ReportAsync(MessageId about, RemoteReport report)
    {
        if (!known.ContainsKey(about) && messages.All(m => m.Message.Id != about))
        {
            return Task.FromResult(false);
        }

        reports.Enqueue((about, report));
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel) => throw NoWork();

    private static NotSupportedException NoWork() => new("MemorySpool only takes messages in");

    private sealed class Content(MemorySpool spool) : IContentWriter
    {
        private bool disposed;

        public ArrayBufferWriter<byte> Octets { get; private set; } = new();

        public long Length => Octets.WrittenCount;

        public void Advance(int count) => Octets.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Octets.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Octets.GetSpan(sizeHint);

        public ValueTask FlushAsync(CancellationToken cancel) => Interlocked.Decrement(ref spool.flushFaults) >= 0
            ? throw new SpoolException(SpoolFault.Full, "told to fail")
            : ValueTask.CompletedTask;

        public ValueTask<Stream> OpenReadAsync(CancellationToken cancel) =>
            Interlocked.Decrement(ref spool.readFaults) >= 0
                ? throw new SpoolException(SpoolFault.Unavailable, "told to fail")
                : ValueTask.FromResult<Stream>(new MemoryStream(Octets.WrittenSpan.ToArray(), writable: false));

        public void ReplaceHead(int length, ReadOnlyMemory<byte> head)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
            var joined = new ArrayBufferWriter<byte>();
            joined.Write(head.Span);
            joined.Write(Octets.WrittenSpan[length..]);
            Octets = joined;
        }

        public ValueTask DisposeAsync()
        {
            if (!disposed)
            {
                disposed = true;
                Interlocked.Decrement(ref spool.openContents);
            }

            return ValueTask.CompletedTask;
        }
    }
}
