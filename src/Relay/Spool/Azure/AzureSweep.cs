using Microsoft.Extensions.Logging;
namespace Relay.Spool.Azure;
/// <summary>x</summary>
internal sealed class AzureSweep(AzureShards shards, AzureQueues queues, TimeProvider time, ILogger log)
{
    public Task<int> RunAsync(DateTimeOffset endedBefore, CancellationToken cancel) { _ = (shards, queues, time, log); throw new NotImplementedException(); }
}
