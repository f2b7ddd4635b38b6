using System.Net;

namespace Relay.Dns;

/// <summary>The one way to DNS. Names may be given as U-labels; they are asked for as A-labels.</summary>
public interface IDnsResolver
{
    /// <summary>The MX records of a domain, unordered (RFC 5321 §5.1).</summary>
    Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel);

    /// <summary>The A and AAAA records of a host, through CNAMEs. Temporary when one of the two questions got no answer and the other found nothing.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel);
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
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, string? Detail = null);
