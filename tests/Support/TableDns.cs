using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Support;

/// <summary>
/// DNS without a network, from a table: for answers that no server gives (a time-out at once) and for tests of rules alone.
/// A name that was given any record exists; all others do not. Nothing follows aliases.
/// </summary>
public sealed class TableDns : IDnsResolver
{
    private readonly Dictionary<(string Type, string Name), List<object>> records = [];
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string Type, string Name)> silent = [];

    /// <summary>Every question in its order, such as <c>TXT example.org</c>.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    public TableDns A(string name, params string[] addresses) => Add("A", name, [.. addresses.Select(IPAddress.Parse)]);

    public TableDns Aaaa(string name, params string[] addresses) => Add("AAAA", name, [.. addresses.Select(IPAddress.Parse)]);

    public TableDns Mx(string name, int preference, string exchange) => Add("MX", name, new MxRecord(preference, exchange));

    public TableDns Txt(string name, string text) => Add("TXT", name, text);

    public TableDns Cname(string name, string target) => Add("CNAME", name, target);

    public TableDns Ptr(string address, params string[] hosts) => Add("PTR", ReverseName.Of(IPAddress.Parse(address)), [.. hosts]);

    /// <summary>The name gives no answer to this type of question.</summary>
    public TableDns Silent(string name, string type)
    {
        names.Add(Key(name));
        silent.Add((type, Key(name)));
        return this;
    }

    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) => Answer<MxRecord>("MX", domain);

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel)
    {
        var v4 = await AddressesAsync(host, AddressFamily.InterNetwork, cancel);
        var v6 = await AddressesAsync(host, AddressFamily.InterNetworkV6, cancel);
        IPAddress[] all = [.. v4.Records, .. v6.Records];
        return all.Length > 0 ? new(DnsStatus.Found, all) : v4.Status == DnsStatus.Temporary ? v4 : v6;
    }

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel) =>
        Answer<IPAddress>(family == AddressFamily.InterNetwork ? "A" : "AAAA", host);

    public Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel) => Answer<string>("TXT", name);

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) => Answer<string>("CNAME", name);

    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel) =>
        Answer<string>("PTR", ReverseName.Of(address));

    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) => Answer<TlsaRecord>("TLSA", name);

    private static string Key(string name) => name.TrimEnd('.').ToLowerInvariant();

    private TableDns Add(string type, string name, params object[] found)
    {
        names.Add(Key(name));
        if (!records.TryGetValue((type, Key(name)), out var list))
        {
            records[(type, Key(name))] = list = [];
        }

        list.AddRange(found);
        return this;
    }

    private Task<DnsAnswer<T>> Answer<T>(string type, string name)
    {
        name = Key(name);
        Questions.Enqueue($"{type} {name}");
        return Task.FromResult(
            silent.Contains((type, name)) ? new DnsAnswer<T>(DnsStatus.Temporary, [], $"{type} {name}: no answer")
            : records.TryGetValue((type, name), out var found) ? new(DnsStatus.Found, [.. found.Cast<T>()])
            : names.Contains(name) ? new(DnsStatus.NoRecords, [])
            : new(DnsStatus.NoSuchName, []));
    }
}
