namespace Relay.Addresses;

/// <summary>An alias, and where it is from.</summary>
/// <param name="Address">Canonical; see <see cref="Alias.Address"/>.</param>
/// <param name="Targets">Where its mail goes.</param>
/// <param name="Source">Where it stands.</param>
public sealed record OwnAlias(string Address, IReadOnlyList<string> Targets, EntrySource Source)
{
    /// <summary>An alias of the address book.</summary>
    public static OwnAlias Added(Alias alias) => new(alias.Address, alias.Targets, EntrySource.Added);

    /// <summary>All, by address. What stands in both is what the book says.</summary>
    public static IReadOnlyList<OwnAlias> All(IReadOnlyList<Alias> configured, AddressSnapshot book) =>
    [
        .. book.Aliases.Values.Select(Added)
            .Concat(configured.Select(alias => new OwnAlias(CanonicalAddress.Of(alias.Address), alias.Targets, EntrySource.Configuration)))
            .DistinctBy(alias => alias.Address).OrderBy(alias => alias.Address, StringComparer.Ordinal),
    ];

    /// <summary>The one of that address, in whichever spelling; null when there is none.</summary>
    public static OwnAlias? Find(string address, IReadOnlyList<Alias> configured, AddressSnapshot book)
    {
        var canonical = CanonicalAddress.Of(address);
        return All(configured, book).FirstOrDefault(alias => alias.Address == canonical);
    }
}

/// <summary>Aliases in the order of their addresses.</summary>
/// <param name="Aliases">Empty when there are none.</param>
/// <param name="Next">What to ask for the page after it with; null at the end.</param>
public sealed record AliasPage(IReadOnlyList<OwnAlias> Aliases, string? Next)
{
    /// <summary>Those from behind <paramref name="after"/> on.</summary>
    public static AliasPage Of(IReadOnlyList<Alias> configured, AddressSnapshot book, string? after, int limit)
    {
        var first = after is null ? null : CanonicalAddress.Of(after);
        OwnAlias[] found =
        [
            .. OwnAlias.All(configured, book).Where(alias => first is null || string.CompareOrdinal(alias.Address, first) > 0).Take(limit + 1),
        ];
        return found.Length <= limit ? new AliasPage(found, null) : new AliasPage(found[..limit], found[limit - 1].Address);
    }
}
