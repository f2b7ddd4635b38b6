using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Options;
using Relay.Transport.TlsReports;

namespace Relay.Transport.MxSecurity;

/// <summary>
/// What mx routes heed of what domains publish about TLS: MTA-STS (RFC 8461) and DANE (RFC 7672). DANE goes first where a host
/// has both (RFC 8461 §2).
/// </summary>
public sealed class MxGuard : IAsyncDisposable
{
    private readonly IDnsResolver dns;
    private readonly HttpClient? http;
    private readonly StsPolicies? policies;
    private readonly bool isValidating;
    private readonly ILogger log;

    /// <summary>Composes it.</summary>
    /// <param name="options">What to heed.</param>
    /// <param name="dns">Finds records and policy hosts.</param>
    /// <param name="cache">The policies that are known; null for one in memory alone.</param>
    /// <param name="records">How sessions went is told here; null for nowhere.</param>
    /// <param name="time">The clock of all ages and time-outs.</param>
    /// <param name="logs">Makes the loggers.</param>
    public MxGuard(RelayOptions options, IDnsResolver dns, StsCache? cache, ITlsRecords? records, TimeProvider time, ILoggerFactory logs)
        : this(options, dns, cache, null, records, time, logs)
    {
    }

    internal MxGuard(RelayOptions options, IDnsResolver dns, StsCache? cache, HttpClient? http, ITlsRecords? records, TimeProvider time, ILoggerFactory logs)
    {
        this.dns = dns;
        isValidating = options.Dns.Validating;
        log = logs.CreateLogger<MxGuard>();
        Records = options.Mx.TlsReports ? records : null;
        Time = time;
        if (options.Mx.MtaSts)
        {
            this.http = http ?? StsFetcher.CreateHttp(dns);
            policies = new StsPolicies(
                dns, new StsFetcher(this.http, time), cache ?? new StsCache(time, log), time, logs.CreateLogger<StsPolicies>());
        }
    }

    /// <summary>How sessions went is told here; null for nowhere.</summary>
    internal ITlsRecords? Records { get; }

    internal TimeProvider Time { get; }

    internal ILogger Log => log;

    /// <summary>How TLS is to be with each mail host of a domain, in plain words, as it is now.</summary>
    /// <param name="domain">The recipients' domain, not an address literal.</param>
    /// <param name="hosts">The mail hosts that are asked about.</param>
    /// <param name="route">An mx route.</param>
    /// <param name="cancel">Ends the questions.</param>
    public async Task<IReadOnlyDictionary<string, string>> ExplainAsync(
        string domain, IReadOnlyCollection<string> hosts, Routing.Route route, CancellationToken cancel)
    {
        var mx = await dns.MxAsync(domain, cancel);
        var addresses = await Task.WhenAll(hosts.Select(host => dns.AddressesAsync(host, cancel)));
        var asked = hosts.Zip(addresses, (host, answer) => (host, answer)).ToDictionary(pair => pair.host, pair => pair.answer);
        var tls = await ForAsync(new MxTlsQuestion(domain, TlsPolicy.Of(route.Tls), IsAskedByMessage: false, route.Port), mx.IsSecure, asked, cancel);
        return hosts.ToDictionary(host => host, tls.Explain);
    }

    /// <summary>Cuts off what is being fetched.</summary>
    public ValueTask DisposeAsync()
    {
        policies?.Dispose();
        http?.Dispose();
        return default;
    }

    /// <summary>The domain's policy of MTA-STS, fetched if need be; nothing where policies are not heeded.</summary>
    /// <param name="domain">In A-labels.</param>
    internal Task<StsFinding> PolicyAsync(string domain, CancellationToken cancel) =>
        policies?.FindAsync(domain, cancel) ?? Task.FromResult(StsFinding.Nothing);

    /// <summary>How TLS is to be with each host of a domain.</summary>
    /// <param name="isMxSecure">DNSSEC proves that the hosts are the domain's.</param>
    /// <param name="hosts">The hosts by name, each with its addresses.</param>
    internal async Task<DomainTls> ForAsync(
        MxTlsQuestion question, bool isMxSecure, IReadOnlyDictionary<string, DnsAnswer<IPAddress>> hosts, CancellationToken cancel)
    {
        if (question.Asked.Mode == Routing.TlsMode.Off)
        {
            return new DomainTls(this, question, StsFinding.Nothing, hosts.Keys.ToDictionary(host => host, _ => HostTls.Of(TlsPolicy.Off), StringComparer.OrdinalIgnoreCase));
        }

        var sts = await PolicyAsync(question.AsciiDomain, cancel);
        var decided = await Task.WhenAll(hosts.Select(async host =>
        {
            var dane = isMxSecure && host.Value.IsSecure ? await DaneAsync(question, host.Key, host.Value, cancel) : DaneFinding.Nothing;
            return (host.Key, Tls: HostTls.Decide(question, host.Key, isMxSecure, dane, sts.Policy));
        }));
        return new DomainTls(this, question, sts, decided.ToDictionary(pair => pair.Key, pair => pair.Tls, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>
    /// The TLSA records of a host whose addresses are proven: only then are they asked for, since some servers fail at the question
    /// itself (RFC 7672 §2.2.2). Where the host is an alias, at the end of it first (§2.2.3).
    /// </summary>
    private async Task<DaneFinding> DaneAsync(MxTlsQuestion question, string host, DnsAnswer<IPAddress> addresses, CancellationToken cancel)
    {
        if (!isValidating)
        {
            return DaneFinding.Nothing;
        }

        foreach (var name in addresses.CanonicalName is { } canonical ? new[] { canonical, host } : [host])
        {
            var answer = await dns.TlsaAsync($"_{question.Port}._tcp.{name}", cancel);
            if (answer.Status == DnsStatus.Temporary)
            {
                return new DaneFinding(null, answer.Detail ?? "no answer");
            }

            if (answer is { Status: DnsStatus.Found, IsSecure: true })
            {
                return new DaneFinding(new DaneProof(name, answer.Records, host, question.AsciiDomain), null);
            }
        }

        return DaneFinding.Nothing;
    }
}

/// <summary>What is asked about a domain.</summary>
/// <param name="Domain">As the recipients have it.</param>
/// <param name="Asked">What route and message ask for.</param>
/// <param name="IsAskedByMessage">The message asks for TLS that is proven (RFC 8689 §4.2.1).</param>
/// <param name="Port">Of the mail hosts.</param>
internal sealed record MxTlsQuestion(string Domain, TlsPolicy Asked, bool IsAskedByMessage, int Port)
{
    public string AsciiDomain { get; } = Mail.DomainName.TryToAscii(Domain, out var ascii) ? ascii.ToLowerInvariant() : Domain.ToLowerInvariant();
}

/// <summary>What DNS has of TLSA for a host.</summary>
/// <param name="Proof">The records; null for none that are proven.</param>
/// <param name="Trouble">Why it is not known whether there are any; null when it is.</param>
internal sealed record DaneFinding(DaneProof? Proof, string? Trouble)
{
    public static DaneFinding Nothing { get; } = new(null, null);
}
