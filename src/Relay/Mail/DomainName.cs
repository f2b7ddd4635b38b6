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
