using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>
/// While a work is held: its queue message is kept invisible where we have taken it ourselves, and a work that takes long is claimed in its
/// row, so that nobody begins it who gets another message for it.
/// </summary>
internal sealed partial class LeaseRenewal(AzureHeld held, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>From then on a work that is held is claimed; the sweep puts nothing again that is younger than twice this.</summary>
    private static readonly TimeSpan ClaimAfter = TimeSpan.FromMinutes(4);

    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private Task? loop;

    /// <summary>Begins, unless it has begun.</summary>
    public void Start()
    {
        if (loop is null)
        {
            lock (gate)
            {
                loop ??= Task.Run(RunAsync);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await (loop ?? Task.CompletedTask);
        closing.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(closing.Token))
            {
                await Task.WhenAll(held.All.ToList().Select(RenewAsync));
                held.Clean();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private async Task RenewAsync(AzureHold hold)
    {
        var now = time.GetUtcNow();
        try
        {
            if (hold.Came is { } came && now - came.ShownAt > AzureLeases.LeaseTime / 2)
            {
                await AzureFault.MapAsync("renew a lease", () => came.HideAsync(AzureLeases.LeaseTime, now));
            }

            if (now - hold.Since > ClaimAfter && !hold.HasEnded)
            {
                hold.HasClaim = true;
                var row = new TableEntity(RowKeys.PartitionOf(hold.Message), RowKeys.Work(hold.Message, hold.Work))
                {
                    ["ClaimedUntil"] = now + LeaseReader.ClaimTime,
                };
                await hold.Shard.TrySubmitAsync($"claim work of {hold.Message}", [AzureTables.Change(row)], closing.Token);
            }
        }
        catch (SpoolException e)
        {
            LogNotRenewed(hold.Message, hold.Work, e.Message);
        }
    }

    [LoggerMessage(EventIds.AzureNotRenewed, LogLevel.Warning, "{MessageId} the lease of work {Work} could not be renewed: {Cause}")]
    private partial void LogNotRenewed(Mail.MessageId messageId, string work, string cause);
}
