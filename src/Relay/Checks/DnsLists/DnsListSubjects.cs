using Relay.Dns;
using Relay.Options;

namespace Relay.Checks.DnsLists;

/// <summary>What of a message can be looked up in lists. Reverse DNS is asked for once, and only when a list wants it.</summary>
internal sealed class DnsListSubjects(CheckSubject subject, IDnsResolver dns, TimeProvider time, CancellationToken cancel)
{
    private readonly Lazy<Task<Iprev>> iprev = new(() => Iprev.OfAsync(subject.ClientAddress!, dns, cancel));

    /// <summary>Questions to DNS that were needed to know what to look up.</summary>
    public int Lookups => iprev is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? iprev.Value.Result.Lookups : 0;

    /// <summary>What to look up; null when there is nothing, or when it was not known in time.</summary>
    public async Task<DnsListKey?> KeyAsync(DnsListSubject of, TimeSpan patience) => of switch
    {
        DnsListSubject.Address => DnsListKey.Of(subject.ClientAddress),
        DnsListSubject.Helo => DnsListKey.Of(subject.Helo),
        DnsListSubject.Sender => DnsListKey.Of(subject.ReversePath?.Mailbox?.Domain),
        _ => DnsListKey.Of(await ReverseNameAsync(patience)),
    };

    private async Task<string?> ReverseNameAsync(TimeSpan patience)
    {
        if (DnsListKey.Of(subject.ClientAddress) is null)
        {
            return null;
        }

        try
        {
            return (await iprev.Value.WaitAsync(patience, time, cancel)).Name;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
