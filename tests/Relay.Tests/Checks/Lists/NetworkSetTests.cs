using System.Net;
using Relay.Checks.Lists;

namespace Relay.Tests.Checks.Lists;

public sealed class NetworkSetTests
{
    private readonly NetworkSet networks = new(
    [
        IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.0.2.7/32"), IPNetwork.Parse("198.51.100.0/31"),
        IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2001:db8::7/128"), IPNetwork.Parse("2001:db8:8000::/33"),
    ]);

    [Theory]
    [InlineData("192.0.2.0", "192.0.2.0/24")]
    [InlineData("192.0.2.255", "192.0.2.0/24")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32")]
    [InlineData("198.51.100.1", "198.51.100.0/31")]
    [InlineData("2001:db8::1", "2001:db8::/32")]
    [InlineData("2001:db8::7", "2001:db8::7/128")]
    [InlineData("2001:db8:8000::1", "2001:db8:8000::/33")]
    public void The_narrowest_range_that_has_an_address_is_found(string address, string range) =>
        Assert.Equal(IPNetwork.Parse(range), networks.Find(IPAddress.Parse(address)));

    [Theory]
    [InlineData("192.0.1.255")]
    [InlineData("192.0.3.0")]
    [InlineData("198.51.100.2")]
    [InlineData("2001:db7:ffff::1")]
    [InlineData("2001:db9::")]
    [InlineData("::192.0.2.7")]
    public void An_address_outside_is_not_found(string address) => Assert.Null(networks.Find(IPAddress.Parse(address)));

    [Fact]
    public void An_address_that_is_not_known_is_in_no_range()
    {
        Assert.Null(new NetworkSet([IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]).Find(null));
        Assert.Null(new NetworkSet([]).Find(IPAddress.Loopback));
    }

    [Fact]
    public void All_of_one_family_is_not_all_of_the_other()
    {
        var (v4, v6) = (new NetworkSet([IPNetwork.Parse("0.0.0.0/0")]), new NetworkSet([IPNetwork.Parse("::/0")]));

        Assert.NotNull(v4.Find(IPAddress.Parse("192.0.2.1")));
        Assert.Null(v4.Find(IPAddress.Parse("2001:db8::1")));
        Assert.Null(v6.Find(IPAddress.Parse("192.0.2.1")));
        Assert.Null(v6.Find(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.NotNull(v6.Find(IPAddress.Parse("2001:db8::1")));
    }

    [Fact]
    public void It_says_the_same_as_every_range_on_its_own()
    {
        var random = new Random(5782);
        var ranges = Enumerable.Range(0, 300).Select(_ => RandomRange(random)).ToArray();
        var set = new NetworkSet(ranges);

        for (var i = 0; i < 5000; i++)
        {
            // Near a range, so that half of them are in one.
            var octets = ranges[random.Next(ranges.Length)].BaseAddress.GetAddressBytes();
            octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
            var address = new IPAddress(octets);
            var widest = ranges.Where(range => range.Contains(address)).Select(range => (int?)range.PrefixLength).Max();

            Assert.Equal(widest, set.Find(address)?.PrefixLength);
        }
    }

    private static IPNetwork RandomRange(Random random)
    {
        var octets = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(octets);
        octets[0] = 0x20;
        octets[1] &= 3;
        var length = random.Next(8, (octets.Length * 8) + 1);
        for (var bit = length; bit < octets.Length * 8; bit++)
        {
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(octets), length);
    }
}
