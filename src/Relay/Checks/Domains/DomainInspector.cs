using System.Net;
using Relay.Checks.Spf;
using Relay.Dns;
using Relay.Mail;
using Relay.Transport.MxSecurity;

namespace Relay.Checks.Domains;

/// <summary>What is looked at.</summary>
/// <param name="Domain">The domain of the addresses that send.</param>
public sealed record DomainSubject(string Domain)
{
    /// <summary>The selectors of DKIM to look for; where there are none, names that are in use everywhere.</summary>
    public IReadOnlyList<string> Selectors { get; init; } = [];

    /// <summary>The addresses that our mail leaves from; where there are none, those of our host name.</summary>
    public IReadOnlyList<IPAddress> Egress { get; init; } = [];
}

/// <summary>Looks at all that a domain publishes for mail: what is right, and what its owner should change.</summary>
/// <param name="hostName">Our own host name.</param>
public sealed class DomainInspector(IDnsResolver dns, string hostName, TimeProvider time) : IDisposable
{
    private readonly HttpClient http = StsFetcher.CreateHttp(dns);

    /// <summary>Addresses that mail leaves from, at most.</summary>
    private const int MaxEgress = 16;

    /// <summary>Fetches policies in place of its own; for tests.</summary>
    internal StsFetcher? Fetcher { get; init; }

    /// <summary>Looks at every topic; in their order.</summary>
    public async Task<IReadOnlyList<DomainFinding>> InspectAsync(DomainSubject subject, CancellationToken cancel)
    {
        var domain = DomainName.TryToAscii(subject.Domain, out var ascii) ? ascii.ToLowerInvariant() : subject.Domain;
        var egress = subject.Egress.Count > 0 ? subject.Egress : (await dns.AddressesAsync(hostName, cancel)).Records;
        egress = [.. egress.Take(MaxEgress)];
        var topics = await Task.WhenAll(
            new MxInspection(dns).RunAsync(domain, cancel),
            new SpfInspection(dns, new SpfEvaluator(dns, hostName, time), hostName).RunAsync(domain, egress, cancel),
            new DkimInspection(dns).RunAsync(domain, subject.Selectors, cancel),
            new DmarcInspection(dns).RunAsync(domain, cancel),
            new TlsInspection(dns, Fetcher ?? new StsFetcher(http, time)).RunAsync(domain, cancel),
            new TlsaInspection(dns).RunAsync(domain, cancel),
            new EgressInspection(dns, hostName).RunAsync(egress, cancel));
        return [.. topics.SelectMany(findings => findings)];
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
