namespace Relay.Delivery.Destinations;

/// <summary>
/// How many attempts a slow destination may have at the same time: all of them together have the places of one slow lane
/// (<see cref="Lanes"/>). With more, their attempts would stay in the fast lane, and hold up the mail for all others.
/// </summary>
internal sealed class SlowShare(int places)
{
    /// <summary>A destination is slow while its attempts last as long as this.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private int destinations;

    /// <summary>Attempts of each slow destination at most.</summary>
    public int Each => Math.Max(1, places / Math.Max(1, destinations));

    /// <summary>One more has attempts under way, and is slow.</summary>
    public void Enter() => destinations++;

    /// <summary>One of them is slow no longer, or has nothing under way.</summary>
    public void Leave() => destinations--;
}
