using System.Net;

namespace Relay.Checks.Spf;

/// <summary>A policy record (RFC 7208 §4.6.1), read whole: a fault anywhere in it spoils all of it.</summary>
/// <param name="Directives">In their order.</param>
/// <param name="Redirect">Whose record is used where no mechanism matches; null for nobody's.</param>
/// <param name="Explanation">Where the words for a fail are published; null for nowhere.</param>
internal sealed record SpfRecord(IReadOnlyList<SpfDirective> Directives, MacroString? Redirect, MacroString? Explanation)
{
    /// <summary>What a record begins with; without case.</summary>
    public const string Version = "v=spf1";

    /// <summary>Whether a TXT record is meant as a policy record (RFC 7208 §4.5).</summary>
    public static bool Is(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');
}

/// <summary>The mechanisms (RFC 7208 §5).</summary>
internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>A mechanism and what it comes to when it matches.</summary>
/// <param name="Result">What the qualifier says: pass where there is none.</param>
/// <param name="Mechanism">Which.</param>
/// <param name="Text">As it is written, without the qualifier.</param>
internal sealed record SpfDirective(SpfResult Result, SpfMechanism Mechanism, string Text)
{
    /// <summary>The domain to ask; null for the one whose record this is.</summary>
    public MacroString? Domain { get; init; }

    /// <summary>Of ip4 and ip6.</summary>
    public IPAddress? Network { get; init; }

    /// <summary>Bits of an IPv4 address that count.</summary>
    public int Prefix4 { get; init; } = 32;

    /// <summary>Bits of an IPv6 address that count.</summary>
    public int Prefix6 { get; init; } = 128;

    /// <summary>Whether it asks DNS, and is limited for it (RFC 7208 §4.6.4).</summary>
    public bool AsksDns => Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6);
}
