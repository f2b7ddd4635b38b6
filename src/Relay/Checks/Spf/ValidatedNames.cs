using System.Net;
using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>The names of the client's address that have this address themselves (RFC 7208 §5.5), asked for once an evaluation.</summary>
internal sealed class ValidatedNames(SpfIdentity identity, SpfLookups lookups)
{
    /// <summary>Names of an address that are looked at; more are ignored (RFC 7208 §4.6.4).</summary>
    private const int MaxNames = 10;

    private IReadOnlyList<string>? names;

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
        var answer = await lookups.NamesAsync(identity.Client);
        if (answer.Status is DnsStatus.NoRecords or DnsStatus.NoSuchName)
        {
            lookups.CountVoid();
        }

        List<string> validated = [];
        foreach (var name in answer.Records.Take(MaxNames))
        {
            if (SpfName.IsValid(name) && (await lookups.AddressesAsync(name, identity.Family)).Records.Contains(identity.Client))
            {
                validated.Add(name);
            }
        }

        return names = validated;
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
