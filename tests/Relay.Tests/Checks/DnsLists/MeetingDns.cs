using System.Net;
using System.Net.Sockets;
using Relay.Dns;
using Relay.Support;

namespace Relay.Tests.Checks.DnsLists;

/// <summary>Gives no answer before so many questions are open at once; after that it knows of nothing.</summary>
internal sealed class MeetingDns(int meetAt) : IDnsResolver
{
    private readonly TaskCompletionSource met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TableDns nothing = new();
    private int open;

    public int MostAtOnce => Volatile.Read(ref open);

    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) => nothing.MxAsync(domain, cancel);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel) => nothing.AddressesAsync(host, cancel);

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel)
    {
        if (!met.Task.IsCompleted && Interlocked.Increment(ref open) == meetAt)
        {
            met.SetResult();
        }

        await met.Task.WaitAsync(cancel);
        return await nothing.AddressesAsync(host, family, cancel);
    }

    public Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel) => nothing.TxtAsync(name, cancel);

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) => nothing.AliasAsync(name, cancel);

    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel) => nothing.NamesAsync(address, cancel);

    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) => nothing.TlsaAsync(name, cancel);
}
