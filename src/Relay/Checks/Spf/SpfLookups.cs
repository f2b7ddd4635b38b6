using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>
/// The questions of one evaluation, and what they may cost (RFC 7208 §4.6.4, §11.1). The first fault that ends an evaluation
/// is kept here: whoever gets a no looks whether it is a fault.
/// </summary>
internal sealed class SpfLookups(IDnsResolver dns, CancellationToken cancel)
{
    /// <summary>Terms that ask DNS (RFC 7208 §4.6.4).</summary>
    private const int MaxTerms = 10;

    /// <summary>Terms and mail hosts that DNS knows nothing of (RFC 7208 §4.6.4).</summary>
    private const int MaxVoids = 2;

    /// <summary>Questions in all. Ten mx of ten hosts each would be more, and nobody has that.</summary>
    private const int MaxQuestions = 100;

    private int terms;
    private int voids;

    /// <summary>Ends the evaluation from outside.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Questions so far.</summary>
    public int Questions { get; private set; }

    /// <summary>What ends the evaluation; null for nothing.</summary>
    public SpfEvaluation? Fault { get; private set; }

    public Task<DnsAnswer<string>> TxtAsync(string name) => Count() ? dns.TxtAsync(name, cancel) : Refuse<string>();

    public Task<DnsAnswer<MxRecord>> MxAsync(string name) => Count() ? dns.MxAsync(name, cancel) : Refuse<MxRecord>();

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family) => AddressesAsync(name, family, cancel);

    /// <summary>Asks no longer than the token allows, which the caller took from <see cref="Cancel"/>.</summary>
    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken within) =>
        Count() ? dns.AddressesAsync(name, family, within) : Refuse<IPAddress>();

    /// <inheritdoc cref="AddressesAsync(string, AddressFamily, CancellationToken)"/>
    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken within) =>
        Count() ? dns.NamesAsync(address, within) : Refuse<string>();

    /// <summary>Counts a term that asks DNS. False when there are too many.</summary>
    public bool CountTerm() => ++terms <= MaxTerms || Fail(SpfResult.PermError, $"more than {MaxTerms} terms that ask DNS");

    /// <summary>Counts a question that DNS had nothing for. False when there are too many.</summary>
    public bool CountVoid() => ++voids <= MaxVoids || Fail(SpfResult.PermError, $"more than {MaxVoids} names that DNS has nothing for");

    /// <summary>False for an answer that is a fault: none, or one that says once too often that there is nothing.</summary>
    public bool Accept<T>(DnsAnswer<T> answer) => answer.Status switch
    {
        DnsStatus.Temporary => Fail(SpfResult.TempError, answer.Detail ?? "DNS gave no answer"),
        DnsStatus.Found => true,
        _ => CountVoid(),
    };

    /// <summary>Ends the evaluation, unless something has already. Always false.</summary>
    public bool Fail(SpfResult result, string detail)
    {
        Fault ??= new SpfEvaluation(result) { Detail = detail };
        return false;
    }

    private bool Count()
    {
        if (Questions == MaxQuestions)
        {
            return Fail(SpfResult.PermError, $"more than {MaxQuestions} questions to DNS");
        }

        Questions++;
        return true;
    }

    private static Task<DnsAnswer<T>> Refuse<T>() => Task.FromResult(new DnsAnswer<T>(DnsStatus.Temporary, []));
}
