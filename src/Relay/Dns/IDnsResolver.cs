using System.Net;
using System.Net.Sockets;

namespace Relay.Dns;

/// <summary>The one way to DNS. Names may be given as U-labels; they are asked for as A-labels.</summary>
public interface IDnsResolver
{
    /// <summary>The MX records of a domain, unordered (RFC 5321 §5.1).</summary>
    Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel);

    /// <summary>The A and AAAA records of a host, through CNAMEs. Temporary when one of the two questions got no answer and the other found nothing.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel);

    /// <summary>The A records of a host, or its AAAA records, through CNAMEs: one question.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel);

    /// <summary>
    /// The TXT records of a name, each with its strings put together without anything between (RFC 7208 §3.3). An octet above
    /// 127 is the character of the same number.
    /// </summary>
    Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel);

    /// <summary>The name that a name is an alias of, by its CNAME record; nothing is followed.</summary>
    Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel);

    /// <summary>The names that in-addr.arpa or ip6.arpa has for an address, without their last dot.</summary>
    Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel);

    /// <summary>The TLSA records of a name such as <c>_25._tcp.mail.example.com</c>, through CNAMEs (RFC 6698 §3).</summary>
    Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel);
}

/// <summary>An MX record.</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">The host without its last dot; empty for the null MX (RFC 7505).</param>
public sealed record MxRecord(int Preference, string Exchange);

/// <summary>How a question ended.</summary>
public enum DnsStatus
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>The name exists, without such records.</summary>
    NoRecords,

    /// <summary>The name does not exist (NXDOMAIN).</summary>
    NoSuchName,

    /// <summary>No answer, or one that says nothing (time-out, SERVFAIL, REFUSED …).</summary>
    Temporary,
}

/// <summary>The answer to a question.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Records">Empty unless found.</param>
/// <param name="Detail">For the log: what the server said or the network did.</param>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, string? Detail = null)
{
    /// <summary>
    /// A resolver that validates says that DNSSEC proves the answer, be it that there are no records (the AD bit, RFC 4035 §3.2.3).
    /// Always false unless the configuration says that the resolver validates, and that the way to it is safe.
    /// </summary>
    public bool IsSecure { get; init; }

    /// <summary>The name that the records were found at, where CNAMEs led to another one; otherwise null.</summary>
    public string? CanonicalName { get; init; }
}
