namespace Relay.Mail;

/// <summary>
/// Entries that name domains and addresses: <c>example.com</c> (that domain), <c>*.example.com</c> (below it, not itself),
/// <c>user@example.com</c>, <c>*</c> (everyone), <c>&lt;&gt;</c> (the null reverse-path). They are compared without case, domains in A-labels. A look-up costs one
/// probe for each label, however many entries there are.
/// </summary>
internal sealed class NameSet
{
    /// <summary>The entry for everyone.</summary>
    public const string Everyone = "*";

    /// <summary>The entry for the null reverse-path.</summary>
    public const string NullPath = "<>";

    private const string Below = "*.";

    private readonly HashSet<string> entries;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> domainsBelow;
    private readonly bool hasEveryone;
    private readonly bool hasAddresses;

    public NameSet(IEnumerable<string> entries)
    {
        var all = entries.Select(Normal).ToArray();
        this.entries = all.ToHashSet(StringComparer.OrdinalIgnoreCase);
        domainsBelow = all.Where(entry => entry.StartsWith(Below, StringComparison.Ordinal)).Select(entry => entry[Below.Length..])
            .ToHashSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        hasEveryone = this.entries.Contains(Everyone);
        hasAddresses = all.Any(entry => entry.Contains('@'));
    }

    /// <summary>Whether any entry names a mailbox, or its domain.</summary>
    public bool Contains(Mailbox mailbox) => hasEveryone || Find(mailbox) is not null;

    /// <summary>Whether any entry names a reverse-path.</summary>
    public bool Contains(ReversePath path) => hasEveryone || Find(path) is not null;

    /// <summary>The entry that names a domain, the nearest; null when none does.</summary>
    public string? Find(string? domain) => domain is null ? null : FindDomain(ToAscii(domain));

    /// <summary>The entry that names a mailbox, or its domain; null when none does.</summary>
    public string? Find(Mailbox mailbox)
    {
        var domain = ToAscii(mailbox.Domain);
        var exact = hasAddresses ? FindEntry((mailbox with { Domain = domain }).ToString()) : null;
        return exact ?? FindDomain(domain);
    }

    /// <summary>The entry that names a reverse-path; null when none does, or when it is not known.</summary>
    public string? Find(ReversePath? path) => path switch
    {
        null => null,
        { Mailbox: { } mailbox } => Find(mailbox),
        _ => FindEntry(NullPath) ?? FindEntry(Everyone),
    };

    private string? FindDomain(string domain)
    {
        if (FindEntry(domain) is { } exact)
        {
            return exact;
        }

        for (var dot = domain.IndexOf('.'); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (domainsBelow.TryGetValue(domain.AsSpan(dot + 1), out var parent))
            {
                return Below + parent;
            }
        }

        return FindEntry(Everyone);
    }

    private string? FindEntry(string name) => entries.TryGetValue(name, out var entry) ? entry : null;

    /// <summary>An entry as it is compared: its domain in A-labels, a local part without needless quotes.</summary>
    private static string Normal(string entry) =>
        Mailbox.TryParse(entry, out var mailbox) ? (mailbox with { Domain = ToAscii(mailbox.Domain) }).ToString()
        : entry.StartsWith(Below, StringComparison.Ordinal) ? Below + ToAscii(entry[Below.Length..])
        : ToAscii(entry);

    private static string ToAscii(string domain) => DomainName.TryToAscii(domain, out var ascii) ? ascii : domain;
}
