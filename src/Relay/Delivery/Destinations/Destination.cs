using Relay.Options;

namespace Relay.Delivery.Destinations;

/// <summary>
/// One destination: how many attempts it may have at the same time, how many a minute, and whether it is backed off. One that
/// is not known to work begins with a few attempts, and each success allows one more; slow ones have a share. Not safe for threads.
/// </summary>
internal sealed class Destination(DestinationKey key, DestinationLimits limits, SlowShare share)
{
    /// <summary>Attempts at the same time at a destination that is not known to work.</summary>
    private const int FirstLimit = 2;

    /// <summary>What an attempt is taken to last as long as nothing is known; and nobody comes again sooner.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    private readonly Pace pace = new(limits.Rate);
    private readonly Line line = new();
    private int limit = Math.Min(FirstLimit, limits.Concurrency);
    private int inFlight;
    private TimeSpan begins;
    private TimeSpan usual = Short;
    private bool isSlow;

    public DestinationKey Key => key;

    public Circuit Circuit { get; } = new();

    /// <summary>Attempts now.</summary>
    public int InFlight => inFlight;

    /// <summary>Attempts at most, for now.</summary>
    public int Limit => isSlow ? Math.Min(limit, share.Each) : limit;

    /// <summary>When it was last asked for.</summary>
    public TimeSpan LastAsked { get; private set; }

    /// <summary>There is room for one more attempt, and it is counted.</summary>
    public bool TryEnter(TimeSpan now, Applicant applicant, out bool isProbe)
    {
        LastAsked = now;
        Judge(now);
        isProbe = Circuit.IsOpen;
        if (isProbe ? !Circuit.TryProbe(now) : !HasRoom(now, applicant))
        {
            return false;
        }

        pace.Take(now);
        inFlight++;
        begins += now;
        Judge(now);
        return true;
    }

    /// <summary>When to come again.</summary>
    public TimeSpan ComeAgain(TimeSpan now, Applicant applicant)
    {
        if (Circuit.IsOpen)
        {
            return Circuit.ComeAgain(now, applicant.Age);
        }

        var lasts = Lasts(now);
        var wait = Max(Max(applicant.HadTurn ? lasts / 2 : lasts, Short), pace.Wait(now));
        var gap = Max(lasts / (isSlow ? Limit : limits.Concurrency), pace.Gap);
        return line.Next(now, applicant.HadTurn, wait, gap, applicant.Age);
    }

    /// <summary>An attempt has ended. True when the circuit has opened or closed with it.</summary>
    public bool Leave(TimeSpan now, Ticket ticket)
    {
        inFlight--;
        begins -= ticket.Begin;
        var hasChanged = Learn(now, ticket);
        Judge(now);
        return hasChanged;
    }

    private bool Learn(TimeSpan now, Ticket ticket)
    {
        switch (ticket.Verdict)
        {
            case Verdict.Reached:
                usual += (now - ticket.Begin - usual) / 8;
                limit = Math.Min(limit + 1, limits.Concurrency);
                return Circuit.Close();
            case Verdict.Failed:
                limit = Math.Clamp(limit / 2, Math.Min(FirstLimit, limits.Concurrency), limits.Concurrency);
                return Circuit.Fail(now, ticket.IsProbe, ticket.Trouble);
            default:
                if (ticket.IsProbe)
                {
                    Circuit.ForgetProbe();
                }

                return false;
        }
    }

    /// <summary>Whoever comes anew while others are still to come leaves half of the room to them.</summary>
    private bool HasRoom(TimeSpan now, Applicant applicant)
    {
        var mine = applicant.HadTurn || !line.IsWaitedIn(now) ? Limit : (Limit + 1) / 2;
        return inFlight < mine && pace.Wait(now) == TimeSpan.Zero;
    }

    private void Judge(TimeSpan now)
    {
        var was = isSlow;
        isSlow = inFlight > 0 && Lasts(now) >= SlowShare.Slow;
        if (isSlow && !was)
        {
            share.Enter();
        }
        else if (was && !isSlow)
        {
            share.Leave();
        }
    }

    /// <summary>
    /// How long an attempt lasts: as long as they usually did, or as long as those under way have taken, on average. So
    /// nobody asks every moment for a place at a destination that hangs.
    /// </summary>
    private TimeSpan Lasts(TimeSpan now)
    {
        var soFar = inFlight == 0 ? TimeSpan.Zero : now - (begins / inFlight);
        return Max(usual, soFar);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
