using Microsoft.Extensions.Logging;
using Relay.Mail;
namespace Relay.Spool.Azure;
/// <summary>x</summary>
internal sealed class AzureLeases(AzureShards shards, AzureQueues queues, AzureHeld held, TimeProvider time, ILogger log) : IAsyncDisposable
{
    public ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel) { _ = (shards, queues, held, time, log); throw new NotImplementedException(); }
    public Task<Lease?> ReadAsync(string text, int dequeueCount, CancellationToken cancel) => throw new NotImplementedException();
    public Task AbandonAsync(AzureHold hold, WorkItem work, DateTimeOffset? notBefore) => throw new NotImplementedException();
    public Task SetAsideAsync(AzureHold hold, MessageId id, string reason, string detail) => throw new NotImplementedException();
    public Task EndAsync(AzureHold hold) => throw new NotImplementedException();
    public ValueTask DisposeAsync() => default;
}
