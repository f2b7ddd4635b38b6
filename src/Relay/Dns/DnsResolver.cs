using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Relay.Mail;
using Relay.Options;
using DnsRecord = DnsClient.Protocol.DnsResourceRecord;
using MxAnswer = DnsClient.Protocol.MxRecord;
using TlsaAnswer = DnsClient.Protocol.TlsaRecord;

namespace Relay.Dns;

/// <summary>
/// The resolver on DnsClient: answers are cached for as long as their TTL says, truncated ones are asked for again over TCP,
/// and no trouble of DNS is an exception. DnsClient's own cache has no bound, and is not used.
/// </summary>
public sealed class DnsResolver : IDnsResolver
{
    /// <summary>CNAMEs followed at most where a server does not follow them itself. A longer chain is a loop or as bad as one.</summary>
    private const int MaxAliases = 8;

    /// <summary>Tries of one server beyond the first.</summary>
    private const int Retries = 1;

    private readonly LookupClient client;
    private readonly bool validating;
    private readonly AnswerCache cache;

    /// <summary>Asks the name servers of the options; those of the machine when there are none.</summary>
    public DnsResolver(DnsOptions options, TimeProvider time)
        : this(options, options.Servers.Count == 0 ? new() : new([.. options.Servers]), time)
    {
    }

    internal DnsResolver(DnsOptions options, LookupClientOptions settings, TimeProvider time)
    {
        settings.Timeout = options.Timeout;
        settings.Retries = Retries;
        settings.UseCache = false;
        settings.UseTcpFallback = true;
        settings.ThrowDnsErrors = false;
        settings.ContinueOnDnsError = true;
        // "No such records" is an answer: asking the next server for the same would only double the questions.
        settings.ContinueOnEmptyResponse = false;
        // Without DO in the question the answer need not have AD (RFC 4035 §3.2.3).
        settings.RequestDnsSecRecords = validating = options.Validating;
        client = new LookupClient(settings);
        cache = new AnswerCache(time);
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) =>
        AskAsync(domain, QueryType.MX, record => record is MxAnswer mx
            ? new MxRecord(mx.Preference, mx.Exchange.Value.TrimEnd('.'))
            : null, cancel);

    /// <inheritdoc/>
    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel)
    {
        var v4 = AddressesAsync(host, AddressFamily.InterNetwork, cancel);
        var v6 = AddressesAsync(host, AddressFamily.InterNetworkV6, cancel);
        return Merge(await v4, await v6);
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel) =>
        family == AddressFamily.InterNetwork
            ? AskAsync(host, QueryType.A, record => (record as ARecord)?.Address, cancel)
            : AskAsync(host, QueryType.AAAA, record => (record as AaaaRecord)?.Address, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.TXT, record => record is TxtRecord txt ? TxtText.Read(txt.Text, txt.EscapedText) : null, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.CNAME, record => (record as CNameRecord)?.CanonicalName.Value.TrimEnd('.'), cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel) =>
        AskAsync(ReverseName.Of(address), QueryType.PTR, record => (record as PtrRecord)?.PtrDomainName.Value.TrimEnd('.'), cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.TLSA, record => record is TlsaAnswer tlsa
            ? new TlsaRecord((byte)tlsa.CertificateUsage, (byte)tlsa.Selector, (byte)tlsa.MatchingType, tlsa.CertificateAssociationDataAsString)
            : null, cancel);

    /// <summary>One lame half does not spoil the other: some name servers answer A and fail on AAAA.</summary>
    private static DnsAnswer<IPAddress> Merge(DnsAnswer<IPAddress> v4, DnsAnswer<IPAddress> v6)
    {
        if (v4.Status == DnsStatus.Found || v6.Status == DnsStatus.Found)
        {
            // Of a half that failed nothing is used: it must not make the other less than it is.
            return new(DnsStatus.Found, [.. v4.Records, .. v6.Records], v4.Detail ?? v6.Detail)
            {
                IsSecure = (v4.IsSecure || v4.Status == DnsStatus.Temporary) && (v6.IsSecure || v6.Status == DnsStatus.Temporary),
                CanonicalName = v4.CanonicalName ?? v6.CanonicalName,
            };
        }

        if (v4.Status == DnsStatus.Temporary || v6.Status == DnsStatus.Temporary)
        {
            return v4.Status == DnsStatus.Temporary ? v4 : v6;
        }

        return (v4.Status == DnsStatus.NoRecords ? v4 : v6) with { IsSecure = v4.IsSecure && v6.IsSecure };
    }

    private async Task<DnsAnswer<T>> AskAsync<T>(
        string name, QueryType type, Func<DnsRecord, T?> read, CancellationToken cancel)
        where T : class
    {
        if (!DomainName.TryToAscii(name, out var ascii, mayHaveSpaces: true))
        {
            return new(DnsStatus.NoSuchName, [], $"'{name}' is not a domain name");
        }

        ascii = ascii.ToLowerInvariant();
        var isSecure = true;
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            var found = cache.Find(ascii, type) as Answered<T> ?? await AskOnceAsync(ascii, type, read, cancel);
            isSecure &= found.Answer.IsSecure;
            if (found.Alias is null)
            {
                return aliases == 0
                    ? found.Answer
                    : found.Answer with { IsSecure = isSecure, CanonicalName = found.Answer.CanonicalName ?? ascii };
            }

            ascii = found.Alias.ToLowerInvariant();
        }

        return new(DnsStatus.Temporary, [], $"{type} {name}: more than {MaxAliases} aliases");
    }

    private async Task<Answered<T>> AskOnceAsync<T>(
        string name, QueryType type, Func<DnsRecord, T?> read, CancellationToken cancel)
        where T : class
    {
        IDnsQueryResponse response;
        try
        {
            response = await client.QueryAsync(name, type, cancellationToken: cancel);
        }
        catch (ArgumentException e) when (client.NameServers.Count > 0)
        {
            // Without any name server DnsClient throws this too: then the fault is the machine's, and not the name's.
            return new(new(DnsStatus.NoSuchName, [], $"{type} {name}: {e.Message}"));
        }
        catch (Exception e)
        {
            // Whatever DnsClient throws here (time-outs, sockets, answers that cannot be parsed) says nothing of the name.
            // It dresses up a cancellation as a time-out.
            cancel.ThrowIfCancellationRequested();
            return new(new(DnsStatus.Temporary, [], $"{type} {name}: {e.Message}"));
        }

        var code = response.Header.ResponseCode;
        if (code == DnsHeaderResponseCode.NotExistentDomain)
        {
            return No<T>(DnsStatus.NoSuchName, name, type, response);
        }

        if (code != DnsHeaderResponseCode.NoError)
        {
            return new(new(DnsStatus.Temporary, [], $"{type} {name}: {code} from {response.NameServer}"));
        }

        var records = response.Answers.Select(read).OfType<T>().ToArray();
        if (records.Length > 0)
        {
            return Kept(
                new Answered<T>(new(DnsStatus.Found, records) { IsSecure = IsSecure(response), CanonicalName = EndOfAliases(name, response) }),
                name, type, response);
        }

        // A negative answer for the end of the chain carries the SOA of its zone (RFC 2308 §2.2): then it was followed.
        var alias = response.Authorities.SoaRecords().Any() ? null : EndOfAliases(name, response);
        return alias is null
            ? No<T>(DnsStatus.NoRecords, name, type, response)
            : Kept(new Answered<T>(new(DnsStatus.NoRecords, []) { IsSecure = IsSecure(response) }, alias), name, type, response);
    }

    private bool IsSecure(IDnsQueryResponse response) => validating && response.Header.IsAuthenticData;

    /// <summary>It holds for as long as each of its records.</summary>
    private Answered<T> Kept<T>(Answered<T> found, string name, QueryType type, IDnsQueryResponse response)
    {
        var ttl = response.Answers.Min(record => record.InitialTimeToLive);
        cache.Add(name, type, found, found.Answer.Records.Sum(SizeOf), isNegative: false, TimeSpan.FromSeconds(ttl));
        return found;
    }

    /// <summary>It holds for as long as the SOA of its zone says (RFC 2308 §5).</summary>
    private Answered<T> No<T>(DnsStatus status, string name, QueryType type, IDnsQueryResponse response)
    {
        var holds = response.Authorities.SoaRecords().FirstOrDefault() is { } zone
            ? TimeSpan.FromSeconds(Math.Min(zone.Minimum, (uint)zone.InitialTimeToLive))
            : AnswerCache.AgeWithoutZone;
        cache.Add(
            name, type, new Answered<T>(new(status, [], $"{type} {name}: {status} (cached)") { IsSecure = IsSecure(response) }), 0, isNegative: true, holds);
        return new(new(status, [], $"{type} {name}: {status} from {response.NameServer}") { IsSecure = IsSecure(response) });
    }

    /// <summary>Octets, roughly.</summary>
    private static int SizeOf<T>(T record) => 100 + (2 * (record switch
    {
        string text => text.Length,
        MxRecord mx => mx.Exchange.Length,
        TlsaRecord tlsa => tlsa.Data.Length,
        _ => 0,
    }));

    /// <summary>The name at the end of the CNAMEs of an answer; null when there are none.</summary>
    private static string? EndOfAliases(string name, IDnsQueryResponse response)
    {
        var end = name;
        foreach (var alias in response.Answers.CnameRecords())
        {
            if (string.Equals(alias.DomainName.Value.TrimEnd('.'), end, StringComparison.OrdinalIgnoreCase))
            {
                end = alias.CanonicalName.Value.TrimEnd('.');
            }
        }

        return string.Equals(end, name, StringComparison.OrdinalIgnoreCase) ? null : end;
    }

    /// <summary>What one question came to.</summary>
    /// <param name="Alias">Where to ask on, when the server gave a CNAME and not what lies behind it.</param>
    private sealed record Answered<T>(DnsAnswer<T> Answer, string? Alias = null);
}
