using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Functions.Triggers;

/// <summary>
/// The functions <c>AcceptedPoison</c> and so on: work whose runs have all ended without a result, as when each has taken the process
/// with it. It is set aside, to be seen and tried again by an operator.
/// </summary>
internal sealed partial class PoisonTrigger(WorkQueue queue, AzureSpool spool, ILogger<PoisonTrigger> log) : ITrigger
{
    /// <summary>More than one, whatever the poison queue says: it is not the first run of this work.</summary>
    private const int TakenBefore = 2;

    /// <inheritdoc/>
    public string Name => $"{queue}Poison";

    /// <inheritdoc/>
    public async Task RunAsync(Invocation invocation, CancellationToken cancel)
    {
        try
        {
            if (await spool.ReadLeaseAsync(invocation.Message ?? "", TakenBefore, cancel) is { } lease)
            {
                LogPoison(lease.Work.Message, queue);
                await spool.SetAsideAsync(lease, Reasons.Poison, "its runs have all ended without a result; the log of the function app has the cause");
            }
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            // Nothing can be set aside by it. The row of the work, if there is one, is found by the sweep.
            LogUnreadable(e, queue, e.Message);
        }
    }

    [LoggerMessage(EventIds.PoisonSetAside, LogLevel.Error, "{MessageId} every run of {Queue} has failed, it is set aside: `relay queue --stuck` lists it, `relay retry` tries again")]
    private partial void LogPoison(Mail.MessageId messageId, WorkQueue queue);

    [LoggerMessage(EventIds.PoisonUnreadable, LogLevel.Error, "a message of the queue {Queue} is none of ours or cannot be read, and goes: {Cause}")]
    private partial void LogUnreadable(Exception exception, WorkQueue queue, string cause);
}
