using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.SmtpIngress.Grammar;

/// <summary>Addresses and ports as proxies write them, read strictly: what two readers could take for different hosts is none.</summary>
internal static class AddressText
{
    /// <summary>Octets of the longest port.</summary>
    private const int MaxPort = 5;

    private static readonly SearchValues<byte> Ipv6Text = SearchValues.Create("0123456789ABCDEFabcdef:."u8);

    /// <summary>Four decimal numbers without leading zeros.</summary>
    public static bool TryIpv4(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        Span<byte> canonical = stackalloc byte[15];
        return IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetwork &&
            address.TryFormat(canonical, out var length) && text.SequenceEqual(canonical[..length]);
    }

    /// <summary>
    /// Without brackets, scope, prefix length and port, all of which .NET would take. An IPv4 address that is mapped into
    /// IPv6 comes out as IPv4.
    /// </summary>
    public static bool TryIpv6(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.ContainsAnyExcept(Ipv6Text) || !text.Contains((byte)':'))
        {
            return false;
        }

        var tail = text[(text.LastIndexOf((byte)':') + 1)..];
        if (tail.Contains((byte)'.') && !TryIpv4(tail, out _))
        {
            return false;
        }

        if (!IPAddress.TryParse(text, out address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            address = null;
            return false;
        }

        address = WithoutMapping(address);
        return true;
    }

    /// <summary>0 to 65535, without leading zeros.</summary>
    public static bool TryPort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        var isNumber = text.Length is > 0 and <= MaxPort && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return isNumber && (text.Length == 1 || text[0] != '0') &&
            ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }

    /// <summary>The same host under its one name: an IPv4 address that is mapped into IPv6 is that IPv4 address.</summary>
    public static IPAddress WithoutMapping(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
