using Relay.Accounts;

namespace Relay.Delivery.Destinations;

/// <summary>
/// A rate, kept evenly: each message pushes the time on at which the next one is due, and nothing goes that is more than a
/// second ahead of it (the generic cell rate algorithm).
/// </summary>
internal sealed class Pace(Rate? rate)
{
    private readonly TimeSpan gap = rate is null ? TimeSpan.Zero : rate.Period / rate.Count;
    private TimeSpan due;

    /// <summary>The time from one message to the next; zero without a rate.</summary>
    public TimeSpan Gap => gap;

    /// <summary>How long until the next one may go.</summary>
    public TimeSpan Wait(TimeSpan now)
    {
        var ahead = gap < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) - gap : TimeSpan.Zero;
        return due - ahead > now ? due - ahead - now : TimeSpan.Zero;
    }

    /// <summary>One goes.</summary>
    public void Take(TimeSpan now) => due = (due > now ? due : now) + gap;
}
