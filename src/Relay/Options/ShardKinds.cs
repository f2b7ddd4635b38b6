namespace Relay.Options;

/// <summary>The sorts of values that shards of the spool have.</summary>
internal static class ShardKinds
{
    private const string EmulatorShortcut = "UseDevelopmentStorage";
    private static readonly string[] Endpoints = ["BlobEndpoint", "QueueEndpoint", "TableEndpoint"];

    /// <summary>What Azure allows as the name of a storage account.</summary>
    public static ValueKind<string?> Account { get; } = new(
        "3 to 24 lower-case letters and digits",
        (string text, out string? value) => (value = text).Length is >= 3 and <= 24 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)),
        account => account ?? "none");

    /// <summary>A key in clear has no place in an account that others can reach: only the emulator has one.</summary>
    public static ValueKind<string?> ConnectionString { get; } = new(
        "the connection string of a storage emulator on this machine: UseDevelopmentStorage=true, or one with a BlobEndpoint, a QueueEndpoint and a TableEndpoint at a loopback address",
        (string text, out string? value) => IsEmulator(value = text),
        text => text is null ? "none" : "***")
    {
        IsSecret = true,
    };

    /// <summary>What may begin the name of a container, of a queue and of a table alike.</summary>
    public static ValueKind<string> Prefix { get; } = new(
        "a lower-case letter, and up to 19 more letters and digits",
        (string text, out string value) => (value = text).Length is > 0 and <= 20 && char.IsAsciiLetterLower(text[0]) &&
            text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)),
        prefix => prefix.Length == 0 ? "none" : prefix);

    /// <summary>The account that a connection string names.</summary>
    public static string AccountOf(string connectionString) =>
        Parts(connectionString)?.GetValueOrDefault("AccountName") ?? "devstoreaccount1";

    private static bool IsEmulator(string text)
    {
        if (Parts(text) is not { } parts)
        {
            return false;
        }

        if (parts.TryGetValue(EmulatorShortcut, out var shortcut))
        {
            return parts.Count == 1 && shortcut.Equals("true", StringComparison.OrdinalIgnoreCase);
        }

        return parts.ContainsKey("AccountName") && parts.ContainsKey("AccountKey") && Endpoints.All(name =>
            parts.TryGetValue(name, out var url) && Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && endpoint.IsLoopback);
    }

    /// <summary>The parts by name; null for what is no connection string.</summary>
    private static Dictionary<string, string>? Parts(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.IndexOf('=') is not (> 0 and var equals) || !parts.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                return null;
            }
        }

        return parts.Count == 0 ? null : parts;
    }
}
