using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Support;

/// <summary>DNS that never answers about some names. Who asks must have an end to it by the time that passes then.</summary>
/// <param name="dns">It answers about all others.</param>
/// <param name="isStuck">Whether a name is one of them.</param>
/// <param name="passTime">Lets as much time pass as anybody may wait.</param>
public sealed class StuckDns(IDnsResolver dns, Func<string, bool> isStuck, Action passTime) : IDnsResolver
{
    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) =>
        AskAsync(domain, () => dns.MxAsync(domain, cancel), cancel);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel) =>
        AskAsync(host, () => dns.AddressesAsync(host, cancel), cancel);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel) =>
        AskAsync(host, () => dns.AddressesAsync(host, family, cancel), cancel);

    public Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel) =>
        AskAsync(name, () => dns.TxtAsync(name, cancel), cancel);

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) =>
        AskAsync(name, () => dns.AliasAsync(name, cancel), cancel);

    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel) =>
        AskAsync(ReverseName.Of(address), () => dns.NamesAsync(address, cancel), cancel);

    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) =>
        AskAsync(name, () => dns.TlsaAsync(name, cancel), cancel);

    private Task<DnsAnswer<T>> AskAsync<T>(string name, Func<Task<DnsAnswer<T>>> ask, CancellationToken cancel)
    {
        if (!isStuck(name))
        {
            return ask();
        }

        passTime();
        return cancel.IsCancellationRequested
            ? Task.FromCanceled<DnsAnswer<T>>(cancel)
            : Task.FromException<DnsAnswer<T>>(new InvalidOperationException($"nobody bounds how long {name} may take"));
    }
}
