using Microsoft.Extensions.Time.Testing;
using Relay.Delivery;

namespace Relay.Tests.Delivery;

public sealed class LanesTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Who_takes_long_makes_room_in_the_fast_lane()
    {
        var lanes = new Lanes(2, time);
        var (first, second) = (lanes.Enter(), lanes.Enter());
        Assert.Equal(0, lanes.Free);

        time.Advance(TimeSpan.FromMilliseconds(90));
        Assert.Equal(0, lanes.Free);
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(2, lanes.Free);

        first.Dispose();
        second.Dispose();
        Assert.Equal((2, 0), (lanes.Free, lanes.InFlight));
    }

    [Fact]
    public void The_slow_lane_is_bounded_and_takes_the_next_when_one_leaves()
    {
        var lanes = new Lanes(2, time);
        List<IDisposable> all = [];
        while (lanes.Free > 0)
        {
            all.Add(lanes.Enter());
            if (lanes.Free == 0)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        Assert.Equal(32, all.Count);
        all[0].Dispose();
        Assert.Equal(1, lanes.Free);
    }

    [Fact]
    public async Task Who_waits_for_a_place_is_woken_when_one_takes_long()
    {
        var lanes = new Lanes(1, time);
        lanes.Enter();

        var waiting = lanes.UntilFreeAsync(default);
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));

        await waiting;
    }

    [Fact]
    public async Task All_in_both_lanes_are_waited_for()
    {
        var lanes = new Lanes(1, time);
        var slow = lanes.Enter();
        time.Advance(TimeSpan.FromMilliseconds(100));
        var fast = lanes.Enter();

        var idle = lanes.UntilIdleAsync();
        fast.Dispose();
        Assert.False(idle.IsCompleted);
        slow.Dispose();

        await idle;
    }
}
