using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Certificates;

/// <summary>
/// A certificate, ready for handshakes. Its context and its options are made once: a handshake builds no chain, and clients
/// that come back resume their TLS session.
/// </summary>
internal sealed class ServerCertificate
{
    public ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Expiry = new CertificateExpiry(NamesOf(certificate), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        Options = new SslServerAuthenticationOptions
        {
            // Offline: what is missing in the chain is not fetched from where the certificate says.
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            ClientCertificateRequired = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = true,
        };
    }

    public CertificateExpiry Expiry { get; }

    /// <summary>For every handshake with this certificate.</summary>
    public SslServerAuthenticationOptions Options { get; }

    /// <summary>The names that clients look at (RFC 9525 §6.3); the subject only where there are none, so that it has a name at all.</summary>
    private static string[] NamesOf(X509Certificate2 certificate)
    {
        string[] names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())];
        return names.Length > 0 ? names : [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)];
    }
}
