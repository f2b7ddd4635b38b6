using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Transport;

/// <summary>What was wrong with TLS to a server, as reports tell it (RFC 8460 §4.3).</summary>
internal enum TlsFault
{
    /// <summary>Something else, such as a handshake that failed.</summary>
    Other,

    /// <summary>The server did not offer STARTTLS, or refused it.</summary>
    NotOffered,

    /// <summary>The certificate is for other names.</summary>
    WrongName,

    /// <summary>The certificate has ended, or has not begun.</summary>
    Expired,

    /// <summary>Nobody that is trusted vouches for the certificate.</summary>
    NotTrusted,

    /// <summary>The certificate matches none of the TLSA records.</summary>
    TlsaMismatch,
}

/// <summary>Names what the platform found wrong with a certificate.</summary>
internal static class CertificateFaults
{
    /// <summary>Null when nothing is wrong. Of several faults, the one that its owner is likelier to mend.</summary>
    public static TlsFault? Of(SslPolicyErrors errors, X509Chain? chain) => errors switch
    {
        SslPolicyErrors.None => null,
        _ when chain is not null && Has(chain, X509ChainStatusFlags.NotTimeValid) => TlsFault.Expired,
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) => TlsFault.NotTrusted,
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => TlsFault.WrongName,
        _ => TlsFault.Other,
    };

    /// <summary>For the log and the status.</summary>
    public static string Words(this TlsFault fault) => fault switch
    {
        TlsFault.NotOffered => "it does not offer TLS",
        TlsFault.WrongName => "its certificate is for other names",
        TlsFault.Expired => "its certificate is out of date",
        TlsFault.NotTrusted => "nobody that is trusted vouches for its certificate",
        TlsFault.TlsaMismatch => "its certificate matches none of its TLSA records",
        _ => "the handshake failed",
    };

    private static bool Has(X509Chain chain, X509ChainStatusFlags flag) => chain.ChainStatus.Any(status => status.Status.HasFlag(flag));
}
