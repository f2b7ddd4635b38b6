using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Relay.Transport.MxSecurity;

/// <summary>
/// Reads the text of a policy (RFC 8461 §3.2). Fields may come in any order; unknown ones are passed over, as is every repetition
/// but of <c>mx</c>. One fault, and the whole is none: half a policy would be somebody else's.
/// </summary>
internal static class StsPolicyParser
{
    /// <summary>Of the longest <c>max_age</c>; more is taken for it.</summary>
    private const long MaxSeconds = 31_557_600;

    /// <summary>Characters of the name of a field.</summary>
    private const int MaxName = 32;

    /// <summary>Characters of a wrong value that are told: faults are kept and logged, and strangers write them.</summary>
    private const int MaxShown = 80;

    /// <summary>Digits of <c>max_age</c>.</summary>
    private const int MaxDigits = 10;

    /// <summary>The policy; otherwise what is wrong with the text.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out StsPolicy? policy, out string fault)
    {
        policy = null;
        if (!Utf8.IsValid(text))
        {
            fault = "it is not UTF-8";
            return false;
        }

        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> mx = [];
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            if (!TryField(line, first, mx, out fault))
            {
                return false;
            }
        }

        return TryPolicy(first, mx, out policy, out fault);
    }

    /// <summary>One line: a name, a colon, a value. White space may follow both of them; empty lines say nothing.</summary>
    private static bool TryField(string line, Dictionary<string, string> first, List<string> mx, out string fault)
    {
        fault = "";
        line = line.EndsWith('\r') ? line[..^1] : line;
        var text = line.TrimEnd(' ', '\t');
        if (text.Length == 0)
        {
            return true;
        }

        var colon = text.IndexOf(':');
        if (colon < 1 || !IsName(text.AsSpan(0, colon)))
        {
            fault = "a line has no name of a field and colon";
            return false;
        }

        var (name, value) = (text[..colon], text[(colon + 1)..].TrimStart(' ', '\t'));
        if (value.Length == 0 || value.Any(char.IsControl))
        {
            fault = $"the value of {name} is empty, or has control characters";
            return false;
        }

        if (name == "mx")
        {
            mx.Add(value);
        }
        else
        {
            first.TryAdd(name, value);
        }

        return true;
    }

    private static bool TryPolicy(Dictionary<string, string> first, List<string> mx, [NotNullWhen(true)] out StsPolicy? policy, out string fault)
    {
        policy = null;
        StsMode? mode = first.GetValueOrDefault("mode") switch
        {
            "enforce" => StsMode.Enforce,
            "testing" => StsMode.Testing,
            "none" => StsMode.None,
            _ => null,
        };
        var seconds = first.GetValueOrDefault("max_age") is { Length: <= MaxDigits } digits &&
            long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        fault =
            first.GetValueOrDefault("version") != "STSv1" ? "there is no version: STSv1"
            : mode is null ? "mode is none of enforce, testing, none"
            : seconds < 0 ? "max_age is not a number of seconds"
            : mx.Find(name => !IsPattern(name)) is { } wrong ? $"mx is no host name: {(wrong.Length > MaxShown ? wrong[..MaxShown] + "…" : wrong)}"
            : mx.Count == 0 && mode != StsMode.None ? "there is no mx"
            : "";
        if (fault.Length == 0)
        {
            policy = new StsPolicy(
                mode!.Value,
                TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds)),
                [.. mx.Select(name => name.ToLowerInvariant()).Distinct()]);
        }

        return policy is not null;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxName || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A domain in ASCII (U-labels must not stand here), <c>*.</c> in front or not; a star elsewhere is none.</summary>
    private static bool IsPattern(string name)
    {
        var domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return Ascii.IsValid(domain) && !domain.EndsWith('.') && Mail.DomainName.TryToHost(domain, out _);
    }
}
