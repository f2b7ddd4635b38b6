using System.Net;
using System.Net.Sockets;
using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.DnsLists;

/// <summary>What is looked up in a list: an address or a domain.</summary>
internal abstract record DnsListKey
{
    /// <summary>An entry that every list has, whatever else is in it (RFC 5782 §5).</summary>
    public abstract DnsListKey AlwaysListed { get; }

    /// <summary>An entry that no list has.</summary>
    public abstract DnsListKey NeverListed { get; }

    /// <summary>The name that is asked for.</summary>
    public abstract string In(string zone);

    /// <summary>An address; null for one that no public list can know.</summary>
    public static DnsListKey? Of(IPAddress? address) =>
        address is null || PrivateNetworks.Contain(address) ? null : new AddressKey(address);

    /// <summary>
    /// A domain; null for what is none: an address literal, or a name of one label, which is nobody's (and <c>test</c> is listed
    /// everywhere).
    /// </summary>
    public static DnsListKey? Of(string? domain) =>
        domain is not null && !domain.StartsWith('[') && !IPAddress.TryParse(domain, out _) &&
        DomainName.TryToAscii(domain, out var ascii) && ascii.Contains('.')
            ? new DomainKey(ascii.ToLowerInvariant())
            : null;

    private sealed record AddressKey(IPAddress Address) : DnsListKey
    {
        public override DnsListKey AlwaysListed => Loopback(2);

        public override DnsListKey NeverListed => Loopback(1);

        public override string In(string zone) => ReverseName.Of(Address, zone);

        public override string ToString() => Address.ToString();

        private AddressKey Loopback(byte host)
        {
            var address = new IPAddress([127, 0, 0, host]);
            return new AddressKey(Address.AddressFamily == AddressFamily.InterNetwork ? address : address.MapToIPv6());
        }
    }

    private sealed record DomainKey(string Domain) : DnsListKey
    {
        public override DnsListKey AlwaysListed => new DomainKey("test");

        public override DnsListKey NeverListed => new DomainKey("invalid");

        public override string In(string zone) => $"{Domain}.{zone}";

        public override string ToString() => Domain;
    }
}
