using Microsoft.Extensions.Logging;
namespace Relay.Spool.Azure;
/// <summary>x</summary>
internal sealed class AzureCommit(AzureQueues queues, TimeProvider time, ILogger log)
{
    public Task<bool> RunAsync(Transition transition) { _ = (queues, time, log); throw new NotImplementedException(); }
}
