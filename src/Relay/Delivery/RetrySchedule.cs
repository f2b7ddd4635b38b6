using Relay.Options;

namespace Relay.Delivery;

/// <summary>When deferred mail is tried again (RFC 5321 §4.5.4.1). Pure.</summary>
internal static class RetrySchedule
{
    /// <summary>The time of the next attempt; null when the mail has been kept for as long as it is kept, and expires.</summary>
    /// <param name="options">The delays, and how long mail is kept.</param>
    /// <param name="attempts">Attempts that ended, at least 1.</param>
    /// <param name="acceptedAt">The age counts from here.</param>
    /// <param name="now">When the last attempt ended.</param>
    /// <param name="random">0 to 1, to spread what was deferred at once.</param>
    public static DateTimeOffset? Next(RetryOptions options, int attempts, DateTimeOffset acceptedAt, DateTimeOffset now, double random)
    {
        var end = acceptedAt + options.MaxAge;
        if (now >= end)
        {
            return null;
        }

        var delay = options.Delays[Math.Clamp(attempts - 1, 0, options.Delays.Count - 1)];
        var spread = delay * (options.Jitter * ((2 * random) - 1));
        var next = now + delay + spread;

        // One last attempt is made at the end itself: no mail expires untried for hours.
        return next < end ? next : end;
    }
}
