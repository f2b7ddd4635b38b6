using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Bench.Smtp;

/// <summary>A spool that takes everything and keeps nothing, in one buffer that is used again and again.</summary>
internal sealed class ForgetfulSpool : ISpool
{
    private readonly Content content = new();

    public IContentWriter CreateContent(MessageId id)
    {
        content.Forget();
        return content;
    }

    public Task AcceptAsync(AcceptedMessage message, IContentWriter content) => Task.CompletedTask;

    public ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel) => ValueTask.FromResult<string?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task<bool> CommitAsync(Transition transition) => throw NoWork();

    public ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel) => throw NoWork();

    public Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null) => throw NoWork();

    public Task SetAsideAsync(Lease lease, string reason, string detail) => throw NoWork();

    /// <inheritdoc/>
    public Task<bool> ReportAsync(MessageId about, RemoteReport report) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel) => throw NoWork();

    public ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) => throw NoWork();

    public ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel) => throw NoWork();

    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) => throw NoWork();

    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) => throw NoWork();

    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) => throw NoWork();

    public ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) => throw NoWork();

    private static NotSupportedException NoWork() => new("it keeps nothing");

    private sealed class Content : IContentWriter
    {
        private readonly byte[] buffer = new byte[64 * 1024];

        public long Length { get; private set; }

        public void Forget() => Length = 0;

        public void Advance(int count) => Length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => buffer.AsMemory((int)Length);

        public Span<byte> GetSpan(int sizeHint = 0) => buffer.AsSpan((int)Length);

        public ValueTask FlushAsync(CancellationToken cancel) => ValueTask.CompletedTask;

        public ValueTask<Stream> OpenReadAsync(CancellationToken cancel) =>
            ValueTask.FromResult<Stream>(new MemoryStream(buffer, 0, (int)Length, writable: false));

        public void ReplaceHead(int length, ReadOnlyMemory<byte> head)
        {
            buffer.AsSpan(length, (int)Length - length).CopyTo(buffer.AsSpan(head.Length));
            head.Span.CopyTo(buffer);
            Length += head.Length - length;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
