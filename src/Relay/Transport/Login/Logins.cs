using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using Relay.Routing;

namespace Relay.Transport.Login;

/// <summary>Finds how to sign in at a host of a route.</summary>
/// <param name="credential">Gives access tokens; null for the identity that this process has in Azure.</param>
internal sealed class Logins(TokenCredential? credential = null)
{
    private readonly ConcurrentDictionary<string, PasswordFile> files = new(StringComparer.Ordinal);
    private readonly Lazy<TokenCredential> tokens = new(() => credential ?? new DefaultAzureCredential());

    /// <summary>Null where the route does not sign in, or its file has no line for the host: then nobody is signed in there.</summary>
    /// <exception cref="IOException">The file of passwords cannot be read.</exception>
    public HostLogin? For(Route route, string host)
    {
        if (route.Smarthost is not { Auth: not SmarthostAuth.Off } smarthost)
        {
            return null;
        }

        var mayGoInClear = route.Tls == TlsMode.Off;
        if (smarthost.Auth == SmarthostAuth.XOAuth2)
        {
            return HostLogin.ByToken(smarthost.User!, tokens.Value, smarthost.TokenScope, mayGoInClear);
        }

        var (user, password) = (smarthost.User, smarthost.Password);
        if (smarthost.PasswordFile is { } path)
        {
            if (files.GetOrAdd(path, p => new PasswordFile(p)).For(host) is not { } entry)
            {
                return null;
            }

            (user, password) = entry;
        }

        return HostLogin.ByPassword(smarthost.Auth, user!, password!, mayGoInClear);
    }
}
