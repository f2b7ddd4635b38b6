using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Options;

namespace Relay.Addresses;

/// <summary>Where a domain of ours stands.</summary>
[JsonConverter(typeof(DomainSourceJson))]
public enum DomainSource
{
    /// <summary>In the configuration, which alone can change it.</summary>
    Configuration,

    /// <summary>In the address book.</summary>
    Added,
}

/// <summary>A domain of ours, and where it is from.</summary>
/// <param name="Name">In A-labels and lower case where it was added; as it is written where it is configured.</param>
/// <param name="Recipients">Who exists there; <c>*</c> for everybody.</param>
/// <param name="Source">Where it stands.</param>
public sealed record OwnDomain(string Name, IReadOnlyList<string> Recipients, DomainSource Source)
{
    /// <summary>Those of the configuration, then those of the book. What stands in both is what the configuration says.</summary>
    public static IReadOnlyList<OwnDomain> All(IReadOnlyList<DomainOptions> configured, AddressSnapshot book)
    {
        var names = configured.Select(domain => CanonicalAddress.OfDomain(domain.Name)).ToHashSet();
        return
        [
            .. configured.Select(domain => new OwnDomain(domain.Name, domain.Recipients, DomainSource.Configuration)),
            .. book.Domains.Where(domain => !names.Contains(CanonicalAddress.OfDomain(domain.Name)))
                .Select(domain => new OwnDomain(domain.Name, domain.Recipients, DomainSource.Added)),
        ];
    }

    /// <summary>The one of that name, in whichever spelling; null when there is none.</summary>
    public static OwnDomain? Find(string name, IReadOnlyList<DomainOptions> configured, AddressSnapshot book)
    {
        var canonical = CanonicalAddress.OfDomain(name);
        return All(configured, book).FirstOrDefault(domain => CanonicalAddress.OfDomain(domain.Name) == canonical);
    }
}

/// <summary>All our own domains.</summary>
/// <param name="Domains">Empty when there are none.</param>
public sealed record OwnDomainList(IReadOnlyList<OwnDomain> Domains);

/// <summary>Aliases in the order of their addresses.</summary>
/// <param name="Aliases">Empty when there are none.</param>
/// <param name="Next">What to ask for the page after it with; null at the end.</param>
public sealed record AliasPage(IReadOnlyList<Alias> Aliases, string? Next)
{
    /// <summary>Those from behind <paramref name="after"/> on.</summary>
    public static AliasPage Of(AddressSnapshot book, string? after, int limit)
    {
        var first = after is null ? null : CanonicalAddress.Of(after);
        List<Alias> found =
        [
            .. book.Aliases.Values.Where(alias => first is null || string.CompareOrdinal(alias.Address, first) > 0)
                .OrderBy(alias => alias.Address, StringComparer.Ordinal).Take(limit + 1),
        ];
        return found.Count <= limit ? new AliasPage(found, null) : new AliasPage(found[..limit], found[limit - 1].Address);
    }
}

/// <summary>Entries of the suppression list in the order of their addresses.</summary>
/// <param name="Suppressions">Empty when there are none.</param>
/// <param name="Next">What to ask for the page after it with; null at the end.</param>
public sealed record SuppressionPage(IReadOnlyList<Suppression> Suppressions, string? Next)
{
    /// <summary>Those from behind <paramref name="after"/> on.</summary>
    public static async Task<SuppressionPage> ReadAsync(IAddressBook book, string? after, int limit, CancellationToken cancel)
    {
        var found = await book.SuppressionsAsync(after, limit + 1, cancel);
        return found.Count <= limit ? new SuppressionPage(found, null) : new SuppressionPage([.. found.Take(limit)], found[limit - 1].Address);
    }
}

/// <summary>The body of <c>PUT /domains/{name}</c>.</summary>
/// <param name="Recipients">Who exists there; null for everybody.</param>
public sealed record DomainBody(IReadOnlyList<string>? Recipients);

/// <summary>The body of <c>PUT /aliases/{address}</c>.</summary>
/// <param name="Targets">Where its mail goes.</param>
public sealed record AliasBody(IReadOnlyList<string>? Targets);

/// <summary>The body of <c>PUT /suppressions/{address}</c>.</summary>
/// <param name="Reason">Why, for people; null for <c>added by hand</c>.</param>
/// <param name="For">How long, such as <c>30d</c>; null for ever.</param>
public sealed record SuppressionBody(string? Reason, string? For);

/// <summary>The JSON of the address book, the same over HTTP and on the command line. What a body should not have is a slip, and refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(OwnDomainList))]
[JsonSerializable(typeof(AliasPage))]
[JsonSerializable(typeof(SuppressionPage))]
[JsonSerializable(typeof(DomainBody))]
[JsonSerializable(typeof(AliasBody))]
[JsonSerializable(typeof(SuppressionBody))]
public sealed partial class AddressesJson : JsonSerializerContext;

/// <summary>Sources are lower-case words in JSON.</summary>
internal sealed class DomainSourceJson() : JsonStringEnumConverter<DomainSource>(JsonNamingPolicy.CamelCase);
