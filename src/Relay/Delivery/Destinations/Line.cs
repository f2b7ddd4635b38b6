namespace Relay.Delivery.Destinations;

/// <summary>
/// The line before a destination that is full, as a schedule: nobody stands in it, but everybody is told when to come again,
/// one after the other a little slower than places come free. Who came in time and found no place all the same goes before who
/// comes anew, and finds one in the room that this leaves.
/// </summary>
internal sealed class Line
{
    private TimeSpan front;
    private TimeSpan back;

    /// <summary>Somebody is still to come.</summary>
    public bool IsWaitedIn(TimeSpan now) => Last > now;

    private TimeSpan Last => front > back ? front : back;

    /// <summary>The next time that is free.</summary>
    /// <param name="now">Now.</param>
    /// <param name="hadTurn">For one that was told a time before.</param>
    /// <param name="wait">The least that anybody waits.</param>
    /// <param name="gap">From one place that comes free to the next.</param>
    /// <param name="age">Of the work: an estimate is not trusted for longer than half of that.</param>
    public TimeSpan Next(TimeSpan now, bool hadTurn, TimeSpan wait, TimeSpan gap, TimeSpan age)
    {
        var end = hadTurn ? front : Last;
        var next = (end > now + wait ? end : now + wait) + (hadTurn ? gap : gap + (gap / 8));
        if (next > now + Trust(age))
        {
            return now + Trust(age);
        }

        (front, back) = hadTurn ? (next, back) : (front, next);
        return next;
    }

    private static TimeSpan Trust(TimeSpan age) =>
        TimeSpan.FromTicks(Math.Clamp((age / 2).Ticks, TimeSpan.TicksPerMinute, 30 * TimeSpan.TicksPerMinute));
}
