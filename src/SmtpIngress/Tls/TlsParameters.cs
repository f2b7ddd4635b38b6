using System.Net.Security;
using System.Security.Authentication;

namespace Relay.SmtpIngress.Tls;

/// <summary>What a handshake agreed on.</summary>
/// <param name="Protocol">Such as <c>TLSv1.3</c>.</param>
/// <param name="CipherSuite">Its IANA name, such as <c>TLS_AES_256_GCM_SHA384</c>.</param>
internal sealed record TlsParameters(string Protocol, string CipherSuite)
{
    public static TlsParameters Of(SslStream stream) => new(
        stream.SslProtocol switch
        {
            SslProtocols.Tls13 => "TLSv1.3",
            SslProtocols.Tls12 => "TLSv1.2",
            var other => other.ToString(),
        },
        stream.NegotiatedCipherSuite.ToString());
}
