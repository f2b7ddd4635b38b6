using System.Net.Security;
using System.Security.Authentication;

namespace Relay.Certificates;

/// <summary>The TLS handshake of a server with whoever is at the other end.</summary>
public static class ServerHandshake
{
    /// <summary>Makes it, with the options that <paramref name="select"/> gives for the name that the client asks for.</summary>
    /// <exception cref="AuthenticationException">The two cannot agree, or the client does not speak TLS at all.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async Task AuthenticateAsync(SslStream stream, ServerOptionsSelectionCallback select, CancellationToken cancel)
    {
        try
        {
            await stream.AuthenticateAsServerAsync(select, state: null, cancel);
        }
        catch (Exception e) when (e is not (AuthenticationException or IOException or OperationCanceledException))
        {
            // Octets that are no ClientHello, or a broken one, make the platform throw NotSupportedException, IndexOutOfRangeException
            // and more. They are the client's fault, not ours.
            throw new AuthenticationException($"the client did not begin with a valid ClientHello ({e.Message})");
        }
    }
}
