using Relay.Mail;

namespace Relay.Certificates;

/// <summary>All certificates of one moment; it never changes.</summary>
internal sealed class CertificateSet
{
    private readonly Dictionary<string, ServerCertificate> byName = new(StringComparer.OrdinalIgnoreCase);

    public CertificateSet(IReadOnlyList<ServerCertificate> certificates)
    {
        All = certificates;
        foreach (var certificate in certificates)
        {
            foreach (var name in certificate.Expiry.Names)
            {
                byName.TryAdd(name, certificate);
            }
        }
    }

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<ServerCertificate> All { get; }

    /// <summary>
    /// The certificate for the name that a client asks for (RFC 6066 §3): the one that has this very name, or a wildcard in
    /// place of its first label (RFC 9525 §6.3); otherwise the first.
    /// </summary>
    public ServerCertificate Select(string? serverName) =>
        !string.IsNullOrEmpty(serverName) && DomainName.TryToAscii(serverName, out var name) &&
        (byName.TryGetValue(name, out var found) || (WildcardOver(name) is { } wildcard && byName.TryGetValue(wildcard, out found)))
            ? found
            : All[0];

    private static string? WildcardOver(string name) =>
        name.IndexOf('.') is > 0 and var dot ? $"*{name[dot..]}" : null;
}
