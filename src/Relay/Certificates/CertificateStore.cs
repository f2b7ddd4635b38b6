using System.Diagnostics.Metrics;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Certificates;

/// <summary>
/// The certificates that this server shows. They are kept fresh: something new in a file or a vault is for the handshakes
/// that come, and touches no session that is there.
/// </summary>
public sealed class CertificateStore : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly IReadOnlyList<WatchedCertificate> watched;
    private readonly Task watching;
    private readonly IDisposable observed;
    private readonly TimeProvider time;
    private volatile CertificateSet current;

    private CertificateStore(IReadOnlyList<WatchedCertificate> watched, TimeProvider time)
    {
        this.watched = watched;
        this.time = time;
        current = Gather();
        ForClient = (_, hello, _, _) => new ValueTask<SslServerAuthenticationOptions>(OptionsFor(hello.ServerName));
        observed = RelayTelemetry.CertificateDays.Add(MeasureDaysLeft);
        watching = Task.WhenAll(watched.Select(certificate => certificate.WatchAsync(Renew, stop.Token)));
    }

    /// <summary>What a handshake asks for its options; see <see cref="ServerHandshake"/>.</summary>
    public ServerOptionsSelectionCallback ForClient { get; }

    /// <summary>For whom the certificates of now are, and until when; in the order of the configuration.</summary>
    public IReadOnlyList<CertificateExpiry> Expiry => [.. current.All.Select(certificate => certificate.Expiry)];

    /// <summary>Loads all of them; at least one must be configured.</summary>
    /// <exception cref="CertificateException">One cannot be loaded; the message says which, and what to do.</exception>
    public static Task<CertificateStore> OpenAsync(
        IReadOnlyList<CertificateOptions> certificates, TimeProvider time, ILogger log, CancellationToken cancel) =>
        OpenAsync(certificates, time, log, vault: null, cancel);

    /// <summary>The same with another way to the vaults.</summary>
    internal static async Task<CertificateStore> OpenAsync(
        IReadOnlyList<CertificateOptions> certificates, TimeProvider time, ILogger log, VaultAccess? vault, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfZero(certificates.Count, nameof(certificates));
        var watched = new List<WatchedCertificate>();
        foreach (var options in certificates)
        {
            ICertificateSource source = options.KeyVault is { } secret
                ? new VaultSecret(secret, vault ??= VaultAccess.OfThisProcess(), time)
                : new CertificateFiles(options);
            var certificate = new WatchedCertificate(source, time, log);
            await certificate.LoadAsync(cancel);
            watched.Add(certificate);
        }

        return new CertificateStore(watched, time);
    }

    /// <summary>
    /// The options of a handshake, by the name that the client asks for (RFC 6066 §3); null when it names none. They are
    /// shared by many sessions and must not be changed.
    /// </summary>
    public SslServerAuthenticationOptions OptionsFor(string? serverName) => current.Select(serverName).Options;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        observed.Dispose();
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private void Renew()
    {
        // Two that change at once must not put each other's change back.
        lock (gate)
        {
            current = Gather();
        }
    }

    private CertificateSet Gather() => new([.. watched.Select(certificate => certificate.Current)]);

    private IEnumerable<Measurement<double>> MeasureDaysLeft() => current.All.Select(certificate => new Measurement<double>(
        certificate.Expiry.DaysLeft(time.GetUtcNow()),
        new KeyValuePair<string, object?>("certificate", certificate.Expiry.Name)));
}
