using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Functions.Tests;

/// <summary>A spool with just the sides that HTTP sees; each test says what they answer.</summary>
internal sealed class TestSpool : ISpool
{
    public Func<MessageId, MessageStatus?> OnStatus { get; set; } = _ => null;

    public Func<StatusQuery, StatusPage> OnSearch { get; set; } = _ => new StatusPage([], null);

    public Func<QueueQuery, QueuePage> OnQueue { get; set; } = _ => new QueuePage([], null);

    public Func<QueueSummary> OnQueueSummary { get; set; } = () => new QueueSummary { Total = 0, NotLookedAt = 0, Destinations = [] };

    public Func<QueueAction, QueueSelection, QueueChange> OnControl { get; set; } = (_, _) => new QueueChange(0, 0, 0);

    public Func<CancellationToken, ValueTask<string?>> OnWhyNotWritable { get; set; } = _ => new(default(string));

    public ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) => new(OnStatus(id));

    public Func<MessageId, MessageId, MessageId?> OnFind { get; set; } = (_, _) => null;

    public Func<MessageId, RemoteReport, bool> OnReport { get; set; } = (_, _) => throw NotHttp();

    public ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel) => new(OnFind(first, last));

    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) => new(OnSearch(query));

    public ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel) => OnWhyNotWritable(cancel);

    public ValueTask DisposeAsync() => default;

    public ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) => throw NotHttp();

    public IContentWriter CreateContent(MessageId id) => throw NotHttp();

    public Task AcceptAsync(AcceptedMessage message, IContentWriter content) => throw NotHttp();

    public Task<bool> CommitAsync(Transition transition) => throw NotHttp();

    public ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel) => throw NotHttp();

    public Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null) => throw NotHttp();

    public Task SetAsideAsync(Lease lease, string reason, string detail) => throw NotHttp();

    /// <inheritdoc/>
    public Task<bool> ReportAsync(MessageId about, RemoteReport report) => Task.FromResult(OnReport(about, report));

    public Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel) =>
        Task.FromResult(OnControl(action, selection));

    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) => new(OnQueue(query));

    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) => new(OnQueueSummary());

    public Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel) => throw NotHttp();

    private static InvalidOperationException NotHttp() => new("HTTP has no business here");
}
