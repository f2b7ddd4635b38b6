using System.Net;
using Relay.SmtpIngress.Limits;

namespace Relay.SmtpIngress.Tests.Limits;

public sealed class SessionCounterTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");

    private readonly SessionCounter counter = new();

    [Fact]
    public void A_client_gets_as_many_as_allowed_and_one_more_when_one_has_left()
    {
        Assert.True(counter.TryEnter(Client, 2));
        Assert.True(counter.TryEnter(Client, 2));
        Assert.False(counter.TryEnter(Client, 2));
        Assert.True(counter.TryEnter(IPAddress.Parse("192.0.2.2"), 2));

        counter.Leave(Client);
        Assert.True(counter.TryEnter(Client, 2));
        Assert.False(counter.TryEnter(Client, 2));
    }

    [Fact]
    public void A_client_without_sessions_takes_no_room()
    {
        Assert.False(counter.TryEnter(Client, 0));
        Assert.Equal(0, counter.Clients);
        counter.TryEnter(Client, 2);
        counter.TryEnter(Client, 2);
        counter.Leave(Client);
        Assert.Equal(1, counter.Clients);
        counter.Leave(Client);
        Assert.Equal(0, counter.Clients);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("fe80::1%1", "fe80::1%2", true)]
    public void One_client_is_an_ipv4_address_or_64_bits_of_ipv6(string first, string second, bool same)
    {
        counter.TryEnter(IPAddress.Parse(first), 1);
        Assert.Equal(!same, counter.TryEnter(IPAddress.Parse(second), 1));
        counter.Leave(IPAddress.Parse(second));
        Assert.Equal(same ? 0 : 1, counter.Clients);
    }

    [Fact]
    public void Leaving_without_having_entered_is_a_fault() =>
        Assert.Throws<InvalidOperationException>(() => counter.Leave(Client));

    [Fact]
    public async Task Many_threads_never_hold_more_than_allowed_and_leave_nothing()
    {
        const int Max = 3;
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (counter.TryEnter(Client, Max))
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref inside));
                    Interlocked.Decrement(ref inside);
                    counter.Leave(Client);
                }
            }
        })));

        Assert.InRange(most, 1, Max);
        Assert.Equal(0, counter.Clients);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
