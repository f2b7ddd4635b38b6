using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Checks.Spf;

/// <summary>What macros stand for (RFC 7208 §7.2).</summary>
/// <param name="Identity">Who the client says that it sends for.</param>
/// <param name="Domain">Whose record is looked at.</param>
/// <param name="ValidatedName">The name that DNS has for the client; null where it was not asked for.</param>
/// <param name="Receiver">Our own host name.</param>
/// <param name="Now">The time, for explanations.</param>
internal readonly record struct MacroValues(
    SpfIdentity Identity, string Domain, string? ValidatedName, string Receiver, DateTimeOffset Now);

/// <summary>Puts values for macros (RFC 7208 §7.3).</summary>
internal static class MacroExpander
{
    /// <summary>Characters that a macro string may come to; then it is at fault.</summary>
    private const int MaxExpansion = 4096;

    /// <summary>Octets of a name (RFC 7208 §7.3).</summary>
    private const int MaxName = 253;

    private const string Unknown = "unknown";

    /// <summary>The text; null when it would be too long.</summary>
    public static string? Expand(MacroString macros, in MacroValues values)
    {
        if (macros.Parts is [{ Letter: null } only])
        {
            return only.Literal;
        }

        var text = new StringBuilder();
        foreach (var part in macros.Parts)
        {
            text.Append(part.Letter is { } letter ? Transform(Value(letter, values), part) : part.Literal);
            if (text.Length > MaxExpansion)
            {
                return null;
            }
        }

        return text.ToString();
    }

    /// <summary>The name that a domain-spec comes to, without its last dot; whole labels are cut from the left of one that is too long. Null when it would be far too long.</summary>
    public static string? ExpandName(MacroString macros, in MacroValues values)
    {
        var name = Expand(macros, values);
        if (name is not null && name.EndsWith('.'))
        {
            name = name[..^1];
        }

        if (name is not { Length: > MaxName })
        {
            return name;
        }

        var dot = name.IndexOf('.', name.Length - MaxName - 1);
        return dot < 0 ? "" : name[(dot + 1)..];
    }

    private static string Value(char letter, in MacroValues values) => letter switch
    {
        's' => $"{values.Identity.LocalPart}@{values.Identity.Domain}",
        'l' => values.Identity.LocalPart,
        'o' => values.Identity.Domain,
        'd' => values.Domain,
        'i' => Dotted(values.Identity.Client),
        'p' => values.ValidatedName ?? Unknown,
        'v' => values.Identity.Family == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => values.Identity.Helo.Length == 0 ? Unknown : values.Identity.Helo,
        'c' => values.Identity.Client.ToString(),
        'r' => values.Receiver,
        _ => values.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>IPv4 as it is, IPv6 by its nibbles, to be turned round for a name in DNS.</summary>
    private static string Dotted(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString()
        : string.Join('.', Convert.ToHexString(address.GetAddressBytes()).AsEnumerable());

    private static string Transform(string value, in MacroPart macro)
    {
        if (macro is not { Parts: int.MaxValue, IsReversed: false, Delimiters: "" })
        {
            var parts = value.Split(macro.Delimiters.Length == 0 ? ['.'] : macro.Delimiters.ToCharArray());
            if (macro.IsReversed)
            {
                Array.Reverse(parts);
            }

            var skipped = Math.Max(0, parts.Length - macro.Parts);
            value = string.Join('.', parts, skipped, parts.Length - skipped);
        }

        // It leaves what RFC 3986 §2.3 calls unreserved.
        return macro.IsEscaped ? Uri.EscapeDataString(value) : value;
    }
}
