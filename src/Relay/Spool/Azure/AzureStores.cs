using Microsoft.Extensions.Logging;
using Relay.Accounts.Azure;
using Relay.Addresses.Azure;
using Relay.Checks.Dmarc.Azure;
using Relay.Forwarding;
using Relay.Options;
using Relay.Telemetry;
using Relay.Transport.MxSecurity;
using Relay.Transport.Quota;
using Relay.Transport.TlsReports;

namespace Relay.Spool.Azure;

/// <summary>
/// All that an instance has open in Azure Storage: the spool in its shards, and in the first of them what is of no message. Once an hour
/// what is old goes from the small stores; the spool has a sweep of its own.
/// </summary>
public sealed partial class AzureStores : IAsyncDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource closing = new();
    private readonly ILogger log;
    private readonly ITimer timer;
    private Task sweeping = Task.CompletedTask;

    private AzureStores(AzureShards shards, ReturnPathSecrets returnPaths, ILoggerFactory logs, TimeProvider time)
    {
        var table = shards.First.Status;
        log = logs.CreateLogger<AzureStores>();
        ReturnPaths = returnPaths;
        Spool = new AzureSpool(shards, time, logs.CreateLogger<AzureSpool>());
        Accounts = new AzureAccounts(table, time, logs.CreateLogger<AzureAccounts>());
        Addresses = new AzureAddressBook(table, time);
        DmarcRecords = new AzureDmarcRecords(table, time, logs.CreateLogger<AzureDmarcRecords>());
        TlsRecords = new AzureTlsRecords(table, time, logs.CreateLogger<AzureTlsRecords>());
        Quota = new AzureQuota(table, time);
        StsPolicies = new StsCache(time, logs.CreateLogger<StsCache>());
        timer = time.CreateTimer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
    }

    /// <summary>Messages, their status and the work that is left to do.</summary>
    public AzureSpool Spool { get; }

    /// <summary>Who may sign in.</summary>
    public AzureAccounts Accounts { get; }

    /// <summary>Domains, aliases and the suppression list.</summary>
    public AzureAddressBook Addresses { get; }

    /// <summary>What DMARC reports tell of.</summary>
    public AzureDmarcRecords DmarcRecords { get; }

    /// <summary>What TLS reports tell of.</summary>
    public AzureTlsRecords TlsRecords { get; }

    /// <summary>What services allow.</summary>
    public AzureQuota Quota { get; }

    /// <summary>MTA-STS policies, which each instance fetches for itself.</summary>
    public StsCache StsPolicies { get; }

    /// <summary>The secrets of the return-paths, the same for all instances.</summary>
    public ReturnPathSecrets ReturnPaths { get; }

    /// <summary>Opens all of it, for <c>Spool</c> = <c>azure</c>. In the emulator what is missing is made.</summary>
    /// <exception cref="SpoolException">Something is missing, or storage cannot be reached; the message says what.</exception>
    public static Task<AzureStores> OpenAsync(RelayOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancel) =>
        OpenAsync(options, AzureShards.Open(options), logs, time, cancel);

    internal static async Task<AzureStores> OpenAsync(
        RelayOptions options, AzureShards shards, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        await shards.EnsureAsync(cancel);
        return new AzureStores(shards, await ReturnPathSecrets.OpenAsync(options, shards.First.Content, cancel), logs, time);
    }

    /// <summary>Removes what is old from the small stores.</summary>
    /// <exception cref="SpoolException">Storage cannot be reached.</exception>
    public async Task SweepAsync(CancellationToken cancel)
    {
        await Addresses.SweepAsync(cancel);
        await Accounts.SweepAsync(cancel);
        await DmarcRecords.SweepAsync(cancel);
        await TlsRecords.SweepAsync(cancel);
    }

    /// <summary>Writes what waits to be written.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await closing.CancelAsync();
        await sweeping;
        await Quota.DisposeAsync();
        await TlsRecords.DisposeAsync();
        await DmarcRecords.DisposeAsync();
        await Accounts.DisposeAsync();
        await Spool.DisposeAsync();
        closing.Dispose();
    }

    private void Sweep()
    {
        if (sweeping.IsCompleted)
        {
            sweeping = Task.Run(TrySweepAsync);
        }
    }

    private async Task TrySweepAsync()
    {
        try
        {
            await SweepAsync(closing.Token);
        }
        catch (Exception e) when (e is SpoolException || closing.IsCancellationRequested)
        {
            if (!closing.IsCancellationRequested)
            {
                LogNotSwept(e, e.Message);
            }
        }
    }

    [LoggerMessage(EventIds.StoresNotSwept, LogLevel.Warning, "addresses, accounts and records that are old could not be removed, and are in an hour: {Cause}")]
    private partial void LogNotSwept(Exception exception, string cause);
}
