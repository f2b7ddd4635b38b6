using Relay.Routing;

namespace Relay.Options;

/// <summary>The sorts of values that acs routes add.</summary>
internal static class AcsValueKinds
{
    /// <summary><c>endpoint=…;accesskey=…</c>, in any order and case.</summary>
    public static ValueKind<AcsConnection?> Connection { get; } = new(
        "endpoint=https://NAME.communication.azure.com/;accesskey=KEY, as the portal shows it",
        TryConnection,
        connection => connection is null ? "none" : "***")
    {
        IsSecret = true,
    };

    /// <summary>What mail may lose.</summary>
    public static ValueKind<AcsLoss> Loss => ValueKinds.OneOf(
        ("sender-name", AcsLoss.SenderName), ("other-recipients", AcsLoss.OtherRecipients));

    /// <summary>What becomes of mail when a quota is spent.</summary>
    public static ValueKind<WhenSpent> Spent => ValueKinds.OneOf(("defer", WhenSpent.Defer), ("fallback", WhenSpent.Fallback));

    private static bool TryConnection(string text, out AcsConnection? connection)
    {
        connection = null;
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.IndexOf('=') is not (> 0 and var equals) || !parts.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()))
            {
                return false;
            }
        }

        if (parts.Count != 2 || !parts.TryGetValue("endpoint", out var url) || !parts.TryGetValue("accesskey", out var key) ||
            !ValueKinds.SecureUrl.Parse(url, out var endpoint) || endpoint is not { PathAndQuery: "/", UserInfo: "" })
        {
            return false;
        }

        var octets = new byte[key.Length];
        if (!Convert.TryFromBase64String(key, octets, out var length) || length == 0)
        {
            return false;
        }

        connection = new AcsConnection(endpoint, octets[..length]);
        return true;
    }
}
