using Relay.Options;

namespace Relay.SmtpIngress.Phases;

/// <summary>How fast content must come, so that slow senders do not hold sessions for ever.</summary>
internal sealed class ContentPace(TimeProvider time, SmtpOptions options)
{
    private readonly long began = time.GetTimestamp();

    /// <summary>Why the last deadline was what it was: true for the pace over all, false for silence.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Until when more must come, after so many octets: neither silent for too long nor, over all, too slow.</summary>
    public long Deadline(long received)
    {
        var idle = options.IdleTimeout.TotalSeconds;
        var silence = time.GetTimestamp() + Ticks(idle);
        if (options.MinTransferRate == 0)
        {
            return silence;
        }

        var pace = began + Ticks(idle + ((double)received / options.MinTransferRate));
        IsTooSlow = pace < silence;
        return Math.Min(silence, pace);
    }

    /// <summary>True when the content is too slow already, with so many octets.</summary>
    public bool IsOver(long received) => Deadline(received) < time.GetTimestamp();

    private long Ticks(double seconds) => (long)(seconds * time.TimestampFrequency);
}
