using System.Net;
using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>The names of the client's address that have this address themselves (RFC 7208 §5.5), asked for once an evaluation.</summary>
internal sealed class ValidatedNames(SpfIdentity identity, SpfLookups lookups, TimeProvider time)
{
    /// <summary>Names of an address that are looked at; more are ignored (RFC 7208 §4.6.4).</summary>
    private const int MaxNames = 10;

    /// <summary>For all of them: they are the client's, whose DNS must not use up the time of the evaluation.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private List<string>? names;

    /// <summary>Whether they were asked for.</summary>
    public bool AreKnown => names is not null;

    /// <summary>
    /// The names; none where DNS does not answer, which is no fault. That a name has no address is not counted against the
    /// domain: the names are the client's, who would choose them so that the domain's record is at fault.
    /// </summary>
    public async ValueTask<IReadOnlyList<string>> GetAsync()
    {
        if (names is not null)
        {
            return names;
        }

        names = [];
        return await Patience.WithinAsync(MaxTime, time, ValidateAsync, () => names, lookups.Cancel);
    }

    /// <summary>Adds name by name, so that those count which were seen in time.</summary>
    private async Task<List<string>> ValidateAsync(CancellationToken within)
    {
        var answer = await lookups.NamesAsync(identity.Client, within);
        if (answer.Status is DnsStatus.NoRecords or DnsStatus.NoSuchName)
        {
            lookups.CountVoid();
        }

        foreach (var name in answer.Records.Take(MaxNames))
        {
            if (SpfName.IsValid(name) && (await lookups.AddressesAsync(name, identity.Family, within)).Records.Contains(identity.Client))
            {
                names!.Add(name);
            }
        }

        return names!;
    }

    /// <summary>The name for %{p}: the domain itself before one below it before any; null for none (RFC 7208 §7.3).</summary>
    public async ValueTask<string?> BestAsync(string domain)
    {
        var validated = await GetAsync();
        return validated.FirstOrDefault(name => name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? validated.FirstOrDefault(name => SpfName.IsWithin(name, domain))
            ?? (validated.Count > 0 ? validated[0] : null);
    }
}
