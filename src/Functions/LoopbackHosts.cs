using System.Net;
using Microsoft.AspNetCore.Http;

namespace Relay.Functions;

/// <summary>
/// Which names a server on loopback answers to: a page of the web can give a name of its own the address 127.0.0.1, and a browser on
/// this machine would then let it ask and read as if the relay were its own site.
/// </summary>
/// <param name="hostName">The name of this relay, which a proxy before it may pass on.</param>
internal sealed class LoopbackHosts(string hostName)
{
    /// <summary>An address, <c>localhost</c>, the relay's own name. What asks for a key of its own is open to all.</summary>
    public bool Allows(HttpRequest request)
    {
        var host = request.Host.Host;
        return host.Length == 0 ||
            host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
            host.Equals(hostName, StringComparison.OrdinalIgnoreCase) ||
            IPAddress.TryParse(host.Trim('[', ']'), out _) ||
            request.Path.StartsWithSegments(AcsEventsApi.Path);
    }
}
