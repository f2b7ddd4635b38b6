using System.Net;
using System.Text;
using Relay.SmtpIngress.Proxy;
using static Relay.SmtpIngress.Tests.Proxy.ProxyInput;

namespace Relay.SmtpIngress.Tests.Proxy;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Ipv4Ends = Ends("192.0.2.1", "198.51.100.2", 56324, 25);
    private static readonly byte[] Ipv6Ends = Ends("2001:db8::1", "2001:db8::2", 56324, 25);

    /// <summary>CRC-32C of the check string of its definition is e3069283; these headers were summed bit by bit below.</summary>
    private static readonly byte[] Summed = WithChecksum(V2(0x21, 0x11, [.. Ipv4Ends, .. Tlv(0x04, 1, 2), .. Tlv(0x03, 0, 0, 0, 0), .. Tlv(0x01)]), at: 36);

    public static TheoryData<string, string?> Good => new()
    {
        { "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535" },
        { "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1:56324" },
        { "PROXY TCP4 0.0.0.0 10.0.0.1 0 0\r\n", "0.0.0.0:0" },
        { "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
        { "PROXY TCP6 2001:DB8::1 ::1 1 25\r\n", "[2001:db8::1]:1" },
        { "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 25\r\n", "192.0.2.1:1" },
        { "PROXY TCP6 ::ffff:c000:201 ::1 1 25\r\n", "192.0.2.1:1" },
        { "PROXY UNKNOWN\r\n", null },
        { "PROXY UNKNOWN \r\n", null },
        { "PROXY UNKNOWN anything \0\u00ff at all\r\n", null },
        { "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", null },
        { Latin1(V2(0x21, 0x11, Ipv4Ends)), "192.0.2.1:56324" },
        { Latin1(V2(0x21, 0x11, [.. Ipv4Ends, .. Tlv(0x01, 1, 2, 3), .. Tlv(0xee)])), "192.0.2.1:56324" },
        { Latin1(Summed), "192.0.2.1:56324" },
        { Latin1(V2(0x21, 0x21, Ipv6Ends)), "[2001:db8::1]:56324" },
        { Latin1(V2(0x21, 0x21, Ends("::ffff:192.0.2.1", "::1", 7, 25))), "192.0.2.1:7" },
        { Latin1(V2(0x21, 0x31, new byte[216])), null },
        { Latin1(V2(0x21, 0x00)), null },
        { Latin1(V2(0x21, 0x00, 1, 2, 3)), null },
        { Latin1(V2(0x20, 0x00)), null },
        { Latin1(V2(0x20, 0x11, Ipv4Ends)), null },
        { Latin1(V2(0x20, 0xff, 9)), null },
        { Latin1(V2(0x21, 0x11, [.. Ipv4Ends, .. Tlv(0x04, new byte[ProxyV2.MaxLength - 16 - 12 - 3])])), "192.0.2.1:56324" },
    };

    public static TheoryData<string> Malformed =>
    [
        "\0", "E", "EHLO client.test\r\n", "HELO", "\n", "\r\r", "p", "PR0XY", "PROXY  TCP4", "PROXY\t", "PROXY\r\n", "PROXY \r\n",
        "PROXY TCP5", "PROXY UDP4 ", "PROXY tcp4 ", "PROXY TCP4\r\n", "PROXY TCP4 \r\n", "PROXY UNKNOWNS\r\n",
        "PROXY UNKNOWN\n", "PROXY UNKNOWN a\rb", "PROXY UNKNOWN\r\r\n", "PROXY UNKNOWN" + new string(' ', 200),
        "PROXY UNKNOWN" + new string('x', ProxyV1.MaxLength - 13),
        "PROXY UNKNOWN" + new string('x', ProxyV1.MaxLength - 14) + "\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4.5 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.004 1 2\r\n",
        "PROXY TCP4 16909060 1.2.3.4 1 2\r\n",
        "PROXY TCP4 0x1.2.3.4",
        "PROXY TCP4 1.2.3.4/",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP4 ::ffff:1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 00 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 99999999999\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1",
        "PROXY TCP4 1.2.3.4 1.2.3.4 +1",
        "PROXY TCP4 1.2.3.4 1.2.3.4 a 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP6 ::1 1.2.3.4 1 2\r\n",
        "PROXY TCP6 [::1",
        "PROXY TCP6 fe80::1%",
        "PROXY TCP6 ::1/",
        "PROXY TCP6 :::1 ::1 1 2\r\n",
        "PROXY TCP6 1::2::3 ::1 1 2\r\n",
        "PROXY TCP6 12345::1 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",
        "PROXY TCP6 ::ffff:1.2.3.04 ::1 1 2\r\n",
        "PROXY TCP6 ::ffff:1.2.3 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4:: ::1 1 2\r\n",
        Latin1(Signature) + "\x11", Latin1(Signature) + "\x22", Latin1(Signature) + "\x31", Latin1(Signature) + "\x01",
        "\r\n\r\n\0\r\nQUIT\r", "\r\n\r\n\0\r\nQUIT\r\n",
        Latin1(Signature) + "\x21\x12", // DGRAM
        Latin1(Signature) + "\x21\x22", Latin1(Signature) + "\x21\x32",
        Latin1(Signature) + "\x21\x10", Latin1(Signature) + "\x21\x01", Latin1(Signature) + "\x21\x13", Latin1(Signature) + "\x21\x41",
        Latin1(Signature) + "\x21\x11\0\x0b", // too short for its addresses
        Latin1(Signature) + "\x21\x21\0\x23", Latin1(Signature) + "\x21\x31\0\xd7",
        Latin1(Signature) + "\x21\x11\xff\xff", // longer than a header may be
        Latin1(Signature) + "\x20\0\x07\xf1",
        Latin1(V2(0x21, 0x11, [.. Ipv4Ends, 1])), // half a TLV
        Latin1(V2(0x21, 0x11, [.. Ipv4Ends, 1, 0])),
        Latin1(V2(0x21, 0x11, [.. Ipv4Ends, 1, 0, 1])),
        Latin1(V2(0x21, 0x11, [.. Ipv4Ends, .. Tlv(0x03, 0, 0, 0, 0)])), // a checksum that is wrong
        Latin1(V2(0x21, 0x11, [.. Ipv4Ends, .. Tlv(0x03, 0, 0, 0)])),
    ];

    [Theory]
    [MemberData(nameof(Good))]
    public void A_header_is_read_however_it_is_split_and_what_follows_is_left_alone(string text, string? client)
    {
        var expected = (ProxyParse.Done, client is null ? null : IPEndPoint.Parse(client), text.Length);
        var followed = Encoding.Latin1.GetBytes(text + "EHLO client.test\r\n");

        Assert.Equal(expected, Read(Encoding.Latin1.GetBytes(text)));
        Assert.Equal(expected, Read(followed));
        for (var cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal(expected, Read(followed, cut));
            Assert.Equal(expected, Read(followed, cut / 2, cut));
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void A_header_that_is_cut_short_needs_more_and_loses_nothing(string text, string? client)
    {
        _ = client;
        var octets = Encoding.Latin1.GetBytes(text);
        for (var length = 0; length < octets.Length; length++)
        {
            Assert.Equal((ProxyParse.NeedMore, null, 0), Read(octets[..length]));
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_no_header_is_malformed_and_stays_so(string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        Assert.Equal((ProxyParse.Malformed, null, 0), Read(octets));
        Assert.Equal((ProxyParse.Malformed, null, 0), Read([.. octets, .. V1("PROXY UNKNOWN\r\n")]));
        Assert.Equal((ProxyParse.Malformed, null, 0), Read(octets, octets.Length / 2));
    }

    [Fact]
    public void A_checksum_covers_every_octet_of_the_header()
    {
        for (var i = 16; i < Summed.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var broken = Summed.ToArray();
                broken[i] ^= (byte)(1 << bit);

                // The type of the checksum is the one place where a flip makes it a TLV that says nothing.
                Assert.Equal(i == 33 ? ProxyParse.Done : ProxyParse.Malformed, Read(broken).Parse);
            }
        }
    }

    [Fact]
    public void Any_octets_at_all_give_a_verdict_that_more_octets_do_not_take_back()
    {
        var random = new Random(1);
        byte[][] seeds = [.. Good.Select(row => Encoding.Latin1.GetBytes(row.Data.Item1))];
        for (var round = 0; round < 100_000; round++)
        {
            var octets = Mutated(seeds[random.Next(seeds.Length)], random);
            var whole = Read(octets);
            Assert.True(whole.Parse == ProxyParse.Done ? whole.Taken is > 0 and <= ProxyV2.MaxLength : whole.Taken == 0);

            var cut = random.Next(octets.Length + 1);
            var front = Read(octets[..cut]);
            Assert.True(front.Parse == ProxyParse.NeedMore || front.Equals(whole), Convert.ToHexString(octets));
            Assert.Equal(whole, Read(octets, cut));
        }
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var octets = seed.ToList();
        for (var changes = random.Next(4); changes > 0 && octets.Count > 0; changes--)
        {
            var at = random.Next(octets.Count);
            switch (random.Next(4))
            {
                case 0:
                    octets[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    octets[at] = (byte)random.Next(256);
                    break;
                case 2:
                    octets.RemoveAt(at);
                    break;
                default:
                    octets.Insert(at, "\r\n :.0f"u8[random.Next(7)]);
                    break;
            }
        }

        return [.. octets];
    }

    private static byte[] WithChecksum(byte[] header, int at)
    {
        var crc = uint.MaxValue;
        foreach (var octet in header)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        crc = ~crc;
        byte[] sum = [(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc];
        sum.CopyTo(header, at);
        return header;
    }

    private static string Latin1(byte[] octets) => Encoding.Latin1.GetString(octets);
}
