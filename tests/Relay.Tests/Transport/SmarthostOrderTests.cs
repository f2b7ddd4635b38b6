using Microsoft.Extensions.Time.Testing;
using Relay.Routing;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>Which smarthost is tried first.</summary>
public sealed class SmarthostOrderTests
{
    private static readonly HostPort A = new("a.example", 25) { Weight = 3 };
    private static readonly HostPort B = new("b.example", 25) { Weight = 1 };
    private static readonly HostPort C = new("c.example", 25);
    private static readonly HostPort D = new("d.example", 25);
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Hosts_without_a_weight_are_tried_as_listed()
    {
        var order = new SmarthostOrder(new Random(1), time);

        Assert.Equal([D, C], order.Of([D, C]));
    }

    [Fact]
    public void Hosts_with_a_weight_share_the_mail_and_the_others_come_behind_them()
    {
        var order = new SmarthostOrder(new Random(1), time);

        var orders = Enumerable.Range(0, 4000).Select(_ => order.Of([C, A, B, D])).ToList();

        Assert.InRange(orders.Count(o => o[0] == A), 2800, 3200);
        Assert.All(orders, o => Assert.Equal([C, D], o.Skip(2)));
        Assert.All(orders, o => Assert.Equal([A, B], o.Take(2).OrderBy(h => h.Host)));
    }

    [Fact]
    public void Who_failed_within_the_last_minute_is_tried_last()
    {
        var order = new SmarthostOrder(new Random(1), time);
        order.Failed(C);

        Assert.Equal([D, C], order.Of([C, D]));
        order.Answered(C);
        Assert.Equal([C, D], order.Of([C, D]));
        order.Failed(C);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([C, D], order.Of([C, D]));
    }
}
