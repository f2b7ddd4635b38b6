namespace Relay.Delivery.Destinations;

/// <summary>
/// Whether a destination is backed off as a whole. It is closed while mail goes; failures open it, for a time that grows; then
/// one probe may go, and what becomes of that closes it or opens it anew. Times are those of one clock that only goes on.
/// </summary>
internal sealed class Circuit
{
    /// <summary>Failures in a row, without a success between, that back off a destination that works; of any other the first one does.</summary>
    public const int MaxFailures = 3;

    /// <summary>For the probe to come back, before the mail that waits for it comes.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Between works that come again, so that a thousand do not come at once.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(5);

    /// <summary>What is old comes again after a part of its age, and at the latest after this.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15),
    ];

    private bool worked;
    private int failures;
    private int openings;
    private int waiting;
    private TimeSpan? probeSince;

    /// <summary>The destination is backed off, or a probe is to find out.</summary>
    public bool IsOpen => openings > 0;

    /// <summary>A probe is on its way.</summary>
    public bool IsProbing => probeSince is not null;

    /// <summary>When the next probe may go.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>What went wrong last.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>True for whoever may go as the probe.</summary>
    public bool TryProbe(TimeSpan now)
    {
        if (now < Until || IsProbing)
        {
            return false;
        }

        probeSince = now;
        return true;
    }

    /// <summary>
    /// When work that finds the circuit open comes again. The first one is told the time of the next probe, which it will be;
    /// the others come after it, one after the other; and what is old comes seldom, since it costs a commit each time.
    /// </summary>
    public TimeSpan ComeAgain(TimeSpan now, TimeSpan age)
    {
        var position = waiting++;
        if (position == 0 && !IsProbing)
        {
            return Until;
        }

        var verdict = probeSince is { } since ? now + Max(Grace, now - since) : Until + Grace;
        return Max(verdict, now + Min(age / 8, MaxWait)) + (position * Gap);
    }

    /// <summary>Somebody answered. True when the circuit was open until now.</summary>
    public bool Close()
    {
        var wasOpen = IsOpen;
        Reset();
        worked = true;
        return wasOpen;
    }

    /// <summary>As if nothing was known.</summary>
    public void Reset() => (worked, failures, openings, waiting, probeSince, Trouble) = (false, 0, 0, 0, null, "");

    /// <summary>Nobody answered. True when the circuit opens, for the first time or again.</summary>
    public bool Fail(TimeSpan now, bool isProbe, string trouble)
    {
        if (IsOpen && !isProbe)
        {
            // It began before the circuit opened, and says what is known.
            return false;
        }

        Trouble = trouble;
        if (worked && ++failures < MaxFailures)
        {
            return false;
        }

        Until = now + Delays[Math.Min(openings, Delays.Length - 1)];
        openings++;
        (worked, failures, waiting, probeSince) = (false, 0, 0, null);
        return true;
    }

    /// <summary>The probe was cut off: another one may go.</summary>
    public void ForgetProbe() => probeSince = null;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
