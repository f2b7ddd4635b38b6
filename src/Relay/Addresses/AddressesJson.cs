using System.Text.Json.Serialization;

namespace Relay.Addresses;

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
