using Microsoft.Extensions.Logging;
using Relay.Mail;
namespace Relay.Spool.Azure;
/// <summary>x</summary>
internal sealed class AzureAccept(AzureQueues queues, TimeProvider time, ILogger log)
{
    public Task RunAsync(AcceptedMessage message, AzureContentWriter content) { _ = (queues, time, log); throw new NotImplementedException(); }
    public Task<bool> ReportAsync(AzureShards shards, MessageId about, RemoteReport report) => throw new NotImplementedException();
}
