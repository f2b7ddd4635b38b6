using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.Checks.Spf;

/// <summary>The grammar of a policy record (RFC 7208 §12).</summary>
internal static class SpfRecordParser
{
    /// <summary>Octets of a record, and of an explanation; a longer one is at fault. RFC 7208 §3.4 asks for less than 512.</summary>
    public const int MaxLength = 8192;

    /// <summary>Characters of a faulty term that are told.</summary>
    private const int MaxShown = 60;

    private static readonly SearchValues<char> AddressText = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>The record; null when it is at fault, which is told.</summary>
    /// <param name="text">A TXT record that <see cref="SpfRecord.Is"/> one.</param>
    /// <param name="fault">What is wrong; null for nothing.</param>
    public static SpfRecord? Parse(string text, out string? fault)
    {
        fault = text.Length > MaxLength ? $"a record of {text.Length} octets: more than {MaxLength} are not read" : null;
        if (fault is not null)
        {
            return null;
        }

        List<SpfDirective> directives = [];
        MacroString? redirect = null;
        MacroString? explanation = null;
        var terms = text.AsSpan(SpfRecord.Version.Length);
        foreach (var range in terms.Split(' '))
        {
            var term = terms[range];
            if (term.IsEmpty)
            {
                continue;
            }

            var name = ModifierName(term);
            var isGood = name.IsEmpty ? TryDirective(term, directives)
                : Is(name, "redirect") ? TryOnce(term[(name.Length + 1)..], ref redirect)
                : Is(name, "exp") ? TryOnce(term[(name.Length + 1)..], ref explanation)
                : MacroString.TryParse(term[(name.Length + 1)..], MacroPlace.Modifier, out _);
            if (!isGood)
            {
                fault = $"syntax error in '{term[..Math.Min(term.Length, MaxShown)]}'";
                return null;
            }
        }

        return new SpfRecord(directives, redirect, explanation);
    }

    /// <summary>The name before the = of a modifier; empty for what is none.</summary>
    private static ReadOnlySpan<char> ModifierName(ReadOnlySpan<char> term)
    {
        var length = term.IndexOf('=');
        if (length <= 0 || !char.IsAsciiLetter(term[0]))
        {
            return default;
        }

        foreach (var c in term[..length])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return default;
            }
        }

        return term[..length];
    }

    /// <summary>redirect and exp may stand in a record once (RFC 7208 §6).</summary>
    private static bool TryOnce(ReadOnlySpan<char> value, ref MacroString? modifier) =>
        modifier is null && MacroString.TryParse(value, MacroPlace.DomainSpec, out modifier);

    private static bool TryDirective(ReadOnlySpan<char> term, List<SpfDirective> directives)
    {
        var (result, length) = term[0] switch
        {
            '+' => (SpfResult.Pass, 1),
            '-' => (SpfResult.Fail, 1),
            '~' => (SpfResult.SoftFail, 1),
            '?' => (SpfResult.Neutral, 1),
            _ => (SpfResult.Pass, 0),
        };
        term = term[length..];
        var end = term.IndexOfAny(':', '/');
        var name = end < 0 ? term : term[..end];
        var argument = end < 0 ? default : term[end..];
        if (Mechanism(name) is not { } mechanism)
        {
            return false;
        }

        var directive = new SpfDirective(result, mechanism, term.ToString());
        var whole = mechanism switch
        {
            SpfMechanism.All => argument.IsEmpty ? directive : null,
            SpfMechanism.Include or SpfMechanism.Exists => WithDomain(directive, argument, isRequired: true),
            SpfMechanism.Ptr => WithDomain(directive, argument, isRequired: false),
            SpfMechanism.A or SpfMechanism.Mx => WithDomainAndPrefixes(directive, argument),
            SpfMechanism.Ip4 => WithNetwork(directive, argument, AddressFamily.InterNetwork),
            _ => WithNetwork(directive, argument, AddressFamily.InterNetworkV6),
        };
        if (whole is null)
        {
            return false;
        }

        directives.Add(whole);
        return true;
    }

    private static SpfMechanism? Mechanism(ReadOnlySpan<char> name) =>
        Is(name, "ip4") ? SpfMechanism.Ip4
        : Is(name, "ip6") ? SpfMechanism.Ip6
        : Is(name, "include") ? SpfMechanism.Include
        : Is(name, "a") ? SpfMechanism.A
        : Is(name, "mx") ? SpfMechanism.Mx
        : Is(name, "all") ? SpfMechanism.All
        : Is(name, "exists") ? SpfMechanism.Exists
        : Is(name, "ptr") ? SpfMechanism.Ptr
        : null;

    private static SpfDirective? WithDomain(SpfDirective directive, ReadOnlySpan<char> argument, bool isRequired) =>
        argument.IsEmpty ? (isRequired ? null : directive)
        : argument[0] == ':' && MacroString.TryParse(argument[1..], MacroPlace.DomainSpec, out var domain) ? directive with { Domain = domain }
        : null;

    /// <summary>A slash may stand in the name too: the lengths are what the argument ends in.</summary>
    private static SpfDirective? WithDomainAndPrefixes(SpfDirective directive, ReadOnlySpan<char> argument)
    {
        var (prefix4, prefix6) = (32, 128);
        if (TryTakePrefix(ref argument, "//", out var length6))
        {
            prefix6 = length6;
        }

        if (TryTakePrefix(ref argument, "/", out var length4))
        {
            prefix4 = length4;
        }

        return prefix4 <= 32 && prefix6 <= 128
            ? WithDomain(directive with { Prefix4 = prefix4, Prefix6 = prefix6 }, argument, isRequired: false)
            : null;
    }

    private static SpfDirective? WithNetwork(SpfDirective directive, ReadOnlySpan<char> argument, AddressFamily family)
    {
        var bits = family == AddressFamily.InterNetwork ? 32 : 128;
        if (!TryTakePrefix(ref argument, "/", out var prefix))
        {
            prefix = bits;
        }

        if (prefix > bits || argument.IsEmpty || argument[0] != ':' || Address(argument[1..], family) is not { } network)
        {
            return null;
        }

        return family == AddressFamily.InterNetwork
            ? directive with { Network = network, Prefix4 = prefix }
            : directive with { Network = network, Prefix6 = prefix };
    }

    /// <summary>Takes <c>/</c> or <c>//</c> and a number without leading zeros from the end of the argument.</summary>
    private static bool TryTakePrefix(ref ReadOnlySpan<char> argument, string slashes, out int length)
    {
        var digits = argument.Length - (argument.LastIndexOfAnyExceptInRange('0', '9') + 1);
        var number = argument[^digits..];
        var before = argument[..^digits];
        length = 0;
        if (digits is 0 or > 3 || (digits > 1 && number[0] == '0') || !before.EndsWith(slashes))
        {
            return false;
        }

        length = int.Parse(number, NumberStyles.None);
        argument = before[..^slashes.Length];
        return true;
    }

    /// <summary>An address in full: the framework also takes <c>1.2.3</c> and octal numbers, and zones of IPv6.</summary>
    private static IPAddress? Address(ReadOnlySpan<char> text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family &&
        (family == AddressFamily.InterNetwork
            ? text.SequenceEqual(address.ToString())
            : !text.ContainsAnyExcept(AddressText))
            ? address
            : null;

    private static bool Is(ReadOnlySpan<char> name, string known) => name.Equals(known, StringComparison.OrdinalIgnoreCase);
}
