namespace Relay.Checks.Spf;

/// <summary>Names that records and clients give, before DNS is asked for them.</summary>
internal static class SpfName
{
    /// <summary>Octets of a name without its last dot (RFC 1035 §2.3.4).</summary>
    private const int MaxLength = 253;

    /// <summary>Octets of a label (RFC 1035 §2.3.4).</summary>
    private const int MaxLabel = 63;

    /// <summary>
    /// Whether DNS can be asked for it: at least two labels of printable ASCII (RFC 7208 §4.3). What a macro puts in need not be
    /// the name of a host, and is asked for all the same; an address literal never is.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxLength || name.ContainsAnyExceptInRange(' ', '~') || (name.StartsWith('[') && name.EndsWith(']')))
        {
            return false;
        }

        var labels = 0;
        foreach (var label in name.Split('.'))
        {
            if (name[label].Length is 0 or > MaxLabel)
            {
                return false;
            }

            labels++;
        }

        return labels >= 2;
    }

    /// <summary>Whether it is the domain or a name below it.</summary>
    public static bool IsWithin(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');
}
