using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Accounts.Embedded;
using Relay.Addresses.Embedded;
using Relay.Certificates;
using Relay.Checks.Dmarc.Embedded;
using Relay.Delivery;
using Relay.Forwarding;
using Relay.Options;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool.Azure;
using Relay.Spool.Embedded;
using Relay.Transport.MxSecurity;
using Relay.Transport.Quota;
using Relay.Transport.TlsReports;

namespace Relay.Hosting;

/// <summary>
/// What a host has open: the stores of the engine that the options choose, keys and certificates. All of it is opened, or nothing. This is
/// the one place that knows both engines.
/// </summary>
public sealed class EstateParts : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> owned = new();

    private EstateParts()
    {
    }

    /// <summary>What the steps work with.</summary>
    public StepStores Stores { get; private set; } = null!;

    /// <summary>Who may sign in.</summary>
    public IAccounts Accounts { get; private set; } = null!;

    /// <summary>Null where none is configured.</summary>
    public CertificateStore? Certificates { get; private set; }

    /// <summary>Opens everything.</summary>
    /// <exception cref="IOException">Something cannot be opened; the message says what to do.</exception>
    public static async Task<EstateParts> OpenAsync(
        RelayOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        var parts = new EstateParts();
        try
        {
            var stores = options.Spool == SpoolKind.Azure
                ? await parts.OpenAzureAsync(options, logs, time, cancel)
                : parts.OpenEmbedded(options, logs, time);
            if (options.Certificates.Count > 0)
            {
                parts.Certificates = parts.Own(await CertificateStore.OpenAsync(
                    options.Certificates, time, logs.CreateLogger<CertificateStore>(), cancel));
            }

            var signer = await DkimSigner.OpenAsync(options.Dkim, time, cancel);
            var sealer = await ArcSealer.OpenAsync(options.Arc, options.HostName, time, cancel);
            parts.Stores = stores with { Fields = new OutboundFields(signer, sealer) };
            return parts;
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (owned.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    /// <summary>Files in the data folder, for this process alone.</summary>
    private StepStores OpenEmbedded(RelayOptions options, ILoggerFactory logs, TimeProvider time)
    {
        var spool = Own(EmbeddedSpool.Open(options.Data, time, logs.CreateLogger<EmbeddedSpool>()));
        Accounts = Own(EmbeddedAccounts.Open(options.Data, time, logs.CreateLogger<EmbeddedAccounts>()));
        return new StepStores
        {
            Spool = spool,
            Addresses = Own(EmbeddedAddressBook.Open(options.Data, time)),
            DmarcRecords = Own(EmbeddedDmarcRecords.Open(options.Data, time, logs.CreateLogger<EmbeddedDmarcRecords>())),
            ReturnPaths = ReturnPathSecrets.Open(options),
            TlsRecords = Own(EmbeddedTlsRecords.Open(options.Data, time, logs.CreateLogger<EmbeddedTlsRecords>())),
            StsPolicies = StsCache.Open(options.Data, time, logs.CreateLogger<StsCache>()),
            Quota = NeedsQuota(options) ? Own(EmbeddedQuota.Open(options.Data, time)) : null,
        };
    }

    /// <summary>What all instances share.</summary>
    private async Task<StepStores> OpenAzureAsync(RelayOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        var stores = Own(await AzureStores.OpenAsync(options, logs, time, cancel));
        Accounts = stores.Accounts;
        return new StepStores
        {
            Spool = stores.Spool,
            Addresses = stores.Addresses,
            DmarcRecords = stores.DmarcRecords,
            ReturnPaths = stores.ReturnPaths,
            TlsRecords = stores.TlsRecords,
            StsPolicies = stores.StsPolicies,
            Quota = NeedsQuota(options) ? stores.Quota : null,
        };
    }

    private static bool NeedsQuota(RelayOptions options) => options.Routes.Any(route => route.Kind == RouteKind.Acs);

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        owned.Push(part);
        return part;
    }
}
