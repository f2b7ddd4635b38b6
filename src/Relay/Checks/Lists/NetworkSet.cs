using System.Net;
using System.Net.Sockets;

namespace Relay.Checks.Lists;

/// <summary>
/// Ranges of addresses. A look-up costs one probe for each length of prefix that occurs, however many ranges there are. An
/// IPv4 address that is mapped into IPv6 is that IPv4 address, in a range too.
/// </summary>
internal sealed class NetworkSet
{
    /// <summary>The length of the prefix that all mapped IPv4 addresses share (RFC 4291 §2.5.5.2).</summary>
    private const int MappedPrefix = 96;

    /// <summary>Longest first, so that the nearest range is found.</summary>
    private readonly (int Length, HashSet<UInt128> Bases)[] prefixes;

    public NetworkSet(IEnumerable<IPNetwork> networks) => prefixes = [.. networks
        .GroupBy(LengthOf)
        .OrderByDescending(ofLength => ofLength.Key)
        .Select(ofLength => (ofLength.Key, ofLength.Select(network => NumberOf(network.BaseAddress)).ToHashSet()))];

    /// <summary>The narrowest range that has the address; null when none has it, or when it is not known.</summary>
    public IPNetwork? Find(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        var number = NumberOf(address);
        var isIpv4 = address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;
        foreach (var (length, bases) in prefixes)
        {
            // A range of IPv6 that is wide enough to take in all mapped addresses does not mean IPv4.
            if (isIpv4 && length < MappedPrefix)
            {
                break;
            }

            var start = length == 0 ? 0 : number & (UInt128.MaxValue << (128 - length));
            if (bases.Contains(start))
            {
                return NetworkOf(start, length, isIpv4);
            }
        }

        return null;
    }

    private static int LengthOf(IPNetwork network) =>
        network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? MappedPrefix : 0);

    private static UInt128 NumberOf(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(octets, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    private static IPNetwork NetworkOf(UInt128 start, int length, bool isIpv4)
    {
        Span<byte> octets = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(octets, start);
        return isIpv4 ? new(new IPAddress(octets[12..]), length - MappedPrefix) : new(new IPAddress(octets), length);
    }
}
