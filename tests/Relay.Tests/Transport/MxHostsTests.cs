using System.Net;
using Relay.Dns;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>The order of hosts, which is drawn by lot where the RFC says so.</summary>
public sealed class MxHostsTests
{
    private const int Port = 25;

    [Fact]
    public void Preference_goes_before_all_and_equal_preference_is_mixed()
    {
        var firsts = new HashSet<string>();
        for (var seed = 0; seed < 50; seed++)
        {
            var (hosts, verdict) = Hosts(seed).Order("d.example", Found<MxRecord>(
                new(20, "c"), new(10, "a1"), new(30, "d"), new(10, "a2"), new(10, "a3")));

            Assert.Null(verdict);
            Assert.Equal([10, 10, 10, 20, 30], hosts.Select(h => h.Preference));
            Assert.Equal(["c", "d"], hosts.Skip(3).Select(h => h.Name));
            firsts.Add(hosts[0].Name);
        }

        Assert.Equal(["a1", "a2", "a3"], firsts.Order());
    }

    [Fact]
    public void A_null_MX_beside_real_ones_says_nothing()
    {
        var (hosts, verdict) = Hosts().Order("d.example", Found<MxRecord>(new(0, ""), new(10, "a")));

        Assert.Null(verdict);
        Assert.Equal("a", Assert.Single(hosts).Name);
    }

    [Fact]
    public void A_host_that_is_named_twice_counts_once_with_its_best_preference()
    {
        var (hosts, _) = Hosts().Order("d.example", Found<MxRecord>(new(20, "A"), new(10, "a"), new(15, "b")));

        Assert.Equal(["a", "b"], hosts.Select(h => h.Name.ToLowerInvariant()));
    }

    [Fact]
    public void Everything_from_ourselves_on_is_dropped()
    {
        var (hosts, _) = Hosts().Order("d.example", Found<MxRecord>(
            new(5, "a"), new(10, "b"), new(20, "Relay.Example"), new(20, "c"), new(30, "d")));

        Assert.Equal(["a", "b"], hosts.Select(h => h.Name));
    }

    [Fact]
    public void Ourselves_by_address_is_seen_whatever_the_name_and_only_on_the_port_where_we_listen()
    {
        var mx = Hosts(0, new IPEndPoint(IPAddress.Parse("192.0.2.9"), Port));
        MailHost[] hosts = [new(10, "a"), new(20, "us"), new(20, "c"), new(30, "d")];
        DnsAnswer<IPAddress>[] addresses = [Addresses("192.0.2.1"), Addresses("192.0.2.8", "192.0.2.9"), Addresses("192.0.2.3"), Addresses("192.0.2.4")];

        Assert.Equal(["a[192.0.2.1]:25"], mx.Route("d.example", Port, hosts, addresses).Hops.Select(h => h.ToString()));
        Assert.Equal(5, mx.Route("d.example", 2525, hosts, addresses).Hops.Count);
    }

    [Fact]
    public void The_families_take_turns_and_each_is_mixed()
    {
        var orders = new HashSet<string>();
        for (var seed = 0; seed < 50; seed++)
        {
            var route = Hosts(seed).Route("d.example", Port, [new(10, "a")], [Addresses("2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2")]);

            Assert.Equal([false, true, false, true], route.Hops.Select(h => h.Address.Address.ToString().Contains(':')));
            orders.Add(string.Join(' ', route.Hops));
        }

        Assert.Equal(4, orders.Count);
    }

    [Fact]
    public void A_hostile_zone_costs_a_bounded_number_of_questions_and_connections()
    {
        var mx = Hosts();
        var (hosts, _) = mx.Order("d.example", Found(Enumerable.Range(0, 3000).Select(i => new MxRecord(i, $"h{i}")).ToArray()));
        Assert.Equal(MxHosts.MaxHosts, hosts.Count);
        Assert.Equal("h0", hosts[0].Name);

        var many = Addresses(Enumerable.Range(1, 200).Select(i => $"192.0.2.{i}").ToArray());
        var route = mx.Route("d.example", Port, hosts, [.. Enumerable.Repeat(many, hosts.Count)]);
        Assert.InRange(route.Hops.Count, 1, MxHosts.MaxAddresses);
        Assert.Equal(MxHosts.MaxAddressesPerHost, route.Hops.Count(h => h.Name == "h0"));
        // The next host has its chance however many addresses the first one has.
        Assert.Contains(route.Hops, h => h.Name == "h1");
        Assert.Equal(route.Hops.Count, route.Hops.DistinctBy(h => h.Address).Count());
    }

    private static MxHosts Hosts(int seed = 0, params IPEndPoint[] listeners) =>
        new("relay.example", listeners.ToHashSet(), new Random(seed));

    private static DnsAnswer<T> Found<T>(params T[] records) => new(DnsStatus.Found, records);

    private static DnsAnswer<IPAddress> Addresses(params string[] addresses) => Found(addresses.Select(IPAddress.Parse).ToArray());
}
