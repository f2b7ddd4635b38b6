using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Tests.Checks.DnsLists;

/// <summary>What stands below one zone gets no answer until the question is given up; the rest is answered by another.</summary>
internal sealed class HangingDns(IDnsResolver others, string zone) : IDnsResolver
{
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when something below the zone was asked for.</summary>
    public Task Asked => asked.Task;

    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) => others.MxAsync(domain, cancel);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel) => others.AddressesAsync(host, cancel);

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel)
    {
        await HangAsync(host, cancel);
        return await others.AddressesAsync(host, family, cancel);
    }

    public async Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel)
    {
        await HangAsync(name, cancel);
        return await others.TxtAsync(name, cancel);
    }

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) => others.AliasAsync(name, cancel);

    public async Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel)
    {
        await HangAsync(ReverseName.Of(address), cancel);
        return await others.NamesAsync(address, cancel);
    }

    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) => others.TlsaAsync(name, cancel);

    private async Task HangAsync(string name, CancellationToken cancel)
    {
        if (name.EndsWith(zone, StringComparison.Ordinal))
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }
    }
}
