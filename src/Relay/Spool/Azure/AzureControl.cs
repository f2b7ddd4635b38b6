namespace Relay.Spool.Azure;

/// <summary>Does what an operator asks for.</summary>
internal sealed class AzureControl(AzureShards shards, AzureQueues queues, TimeProvider time)
{
    /// <summary>Does it to all that is selected.</summary>
    public Task<QueueChange> RunAsync(QueueAction action, QueueSelection selection, CancellationToken cancel)
    {
        _ = (shards, queues, time, action, selection, cancel);
        throw new NotImplementedException();
    }
}
