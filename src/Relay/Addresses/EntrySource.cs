using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Addresses;

/// <summary>Where a domain or an alias stands.</summary>
[JsonConverter(typeof(EntrySourceJson))]
public enum EntrySource
{
    /// <summary>In the configuration, which alone can change it.</summary>
    Configuration,

    /// <summary>In the address book.</summary>
    Added,
}

/// <summary>The words for people and programs alike.</summary>
public static class EntrySources
{
    /// <summary>The word of a source.</summary>
    public static string Word(this EntrySource source) => source == EntrySource.Configuration ? "configuration" : "added";
}

/// <summary>Sources are lower-case words in JSON.</summary>
internal sealed class EntrySourceJson() : JsonStringEnumConverter<EntrySource>(JsonNamingPolicy.CamelCase);
