using Microsoft.Extensions.Logging;
using Relay.Accounts.Embedded;
using Relay.Addresses.Embedded;
using Relay.Certificates;
using Relay.Checks.Dmarc.Embedded;
using Relay.Delivery;
using Relay.Forwarding;
using Relay.Options;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool.Embedded;
using Relay.Transport.MxSecurity;
using Relay.Transport.Quota;
using Relay.Transport.TlsReports;

namespace Relay.Cli.Serve;

/// <summary>What an estate has open: files, keys and certificates. All of it is opened, or nothing.</summary>
internal sealed class EstateParts : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> owned = new();

    private EstateParts()
    {
    }

    public required EmbeddedSpool Spool { get; init; }

    public EmbeddedAccounts Accounts { get; private set; } = null!;

    public EmbeddedAddressBook Addresses { get; private set; } = null!;

    public EmbeddedDmarcRecords DmarcRecords { get; private set; } = null!;

    public EmbeddedTlsRecords TlsRecords { get; private set; } = null!;

    public StsCache StsPolicies { get; private set; } = null!;
    /// <summary>What services allow; null where no route asks for it.</summary>
    public EmbeddedQuota? Quota { get; private set; }

    /// <summary>Null where none is configured.</summary>
    public CertificateStore? Certificates { get; private set; }

    public ReturnPathSecrets ReturnPaths { get; private set; } = null!;

    public OutboundFields Fields { get; private set; } = OutboundFields.None;

    /// <summary>What the steps work with.</summary>
    public StepStores Stores => new()
    {
        Spool = Spool,
        Addresses = Addresses,
        DmarcRecords = DmarcRecords,
        TlsRecords = TlsRecords,
        StsPolicies = StsPolicies,
        Quota = Quota,
        ReturnPaths = ReturnPaths,
        Fields = Fields,
    };

    /// <summary>Opens everything.</summary>
    /// <exception cref="IOException">Something cannot be opened; the message says what to do.</exception>
    public static async Task<EstateParts> OpenAsync(
        RelayOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        var parts = new EstateParts { Spool = EmbeddedSpool.Open(options.Data, time, logs.CreateLogger<EmbeddedSpool>()) };
        parts.owned.Push(parts.Spool);
        try
        {
            parts.Accounts = parts.Own(EmbeddedAccounts.Open(options.Data, time, logs.CreateLogger<EmbeddedAccounts>()));
            parts.Addresses = parts.Own(EmbeddedAddressBook.Open(options.Data, time));
            parts.DmarcRecords = parts.Own(EmbeddedDmarcRecords.Open(options.Data, time, logs.CreateLogger<EmbeddedDmarcRecords>()));
            parts.ReturnPaths = ReturnPathSecrets.Open(options);
            parts.TlsRecords = parts.Own(EmbeddedTlsRecords.Open(options.Data, time, logs.CreateLogger<EmbeddedTlsRecords>()));
            parts.StsPolicies = StsCache.Open(options.Data, time, logs.CreateLogger<StsCache>());
            if (options.Routes.Any(route => route.Kind == RouteKind.Acs))
            {
                parts.Quota = parts.Own(EmbeddedQuota.Open(options.Data, time));
            }

            if (options.Certificates.Count > 0)
            {
                parts.Certificates = parts.Own(await CertificateStore.OpenAsync(
                    options.Certificates, time, logs.CreateLogger<CertificateStore>(), cancel));
            }

            parts.Fields = new OutboundFields(
                await DkimSigner.OpenAsync(options.Dkim, time, cancel),
                await ArcSealer.OpenAsync(options.Arc, options.HostName, time, cancel));
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

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        owned.Push(part);
        return part;
    }
}
