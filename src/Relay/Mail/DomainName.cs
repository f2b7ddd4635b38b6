using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Relay.Mail;

/// <summary>Domain names as DNS and servers without SMTPUTF8 know them: in A-labels (RFC 5890 §2.3.2.1).</summary>
internal static class DomainName
{
    /// <summary>Octets of a name in text form, without its last dot (RFC 1035 §2.3.4).</summary>
    private const int MaxLength = 253;

    /// <summary>Octets of a label (RFC 1035 §2.3.4).</summary>
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> HostText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>
    /// The name with every U-label turned into its A-label and without its last dot. False for what can be no name in DNS.
    /// U-labels must come in Unicode's form C, as RFC 5891 §5.2 asks: nothing is normalised here.
    /// </summary>
    /// <param name="mayHaveSpaces">A space is no worse than other octets in DNS, and SPF can ask for one (RFC 7208 §7.1). No host has it in its name.</param>
    public static bool TryToAscii(string domain, [NotNullWhen(true)] out string? ascii, bool mayHaveSpaces = false)
    {
        ascii = domain.EndsWith('.') ? domain[..^1] : domain;
        if (!Ascii.IsValid(ascii))
        {
            try
            {
                ascii = Idn.GetAscii(ascii.ToLowerInvariant());
            }
            catch (ArgumentException)
            {
                ascii = null;
                return false;
            }
        }

        return AreLabels(ascii, mayHaveSpaces ? '\x1f' : ' ');
    }

    /// <summary>
    /// The name of a host or of a mail domain, in A-labels and lower case: letters, digits and hyphens (RFC 5321 §4.1.2), and
    /// underscores, which many have. False for all else that DNS could be asked for: programs read it in several ways.
    /// </summary>
    public static bool TryToHost(string? domain, [NotNullWhen(true)] out string? host)
    {
        host = domain is not null && TryToAscii(domain, out var ascii) && !ascii.AsSpan().ContainsAnyExcept(HostText)
            ? ascii.ToLowerInvariant()
            : null;
        return host is not null;
    }

    private static bool AreLabels(ReadOnlySpan<char> name, char lastForbidden)
    {
        if (name.Length is 0 or > MaxLength || name.ContainsAnyInRange('\0', lastForbidden))
        {
            return false;
        }

        foreach (var label in name.Split('.'))
        {
            if (name[label].Length is 0 or > MaxLabel)
            {
                return false;
            }
        }

        return true;
    }
}
