using Relay.Transport;

namespace Relay.Delivery.Destinations;

/// <summary>How an attempt ended for its destination as a whole.</summary>
internal enum Verdict
{
    /// <summary>It was cut off before it could tell, or asked nobody.</summary>
    None,

    /// <summary>Somebody answered for the recipients, whatever the answer was.</summary>
    Reached,

    /// <summary>Nobody did.</summary>
    Failed,
}

/// <summary>Leave for one attempt. Disposing gives the place back.</summary>
public sealed class Ticket : IDisposable
{
    private readonly Action<Ticket>? giveBack;

    internal Ticket(Action<Ticket>? giveBack) => this.giveBack = giveBack;

    internal static Ticket Free { get; } = new(giveBack: null);

    internal TimeSpan Begin { get; init; }

    /// <summary>The one attempt that finds out whether a destination that was backed off works again.</summary>
    internal bool IsProbe { get; init; }

    internal Verdict Verdict { get; private set; }

    /// <summary>What went wrong.</summary>
    internal string Trouble { get; private set; } = "";

    /// <summary>Tells what the attempt brought.</summary>
    public void Tell(DeliveryOutcome outcome)
    {
        if (giveBack is null || outcome.AskedNobody)
        {
            return;
        }

        Verdict = outcome.IsUnreachable ? Verdict.Failed : Verdict.Reached;
        Trouble = outcome.IsUnreachable ? outcome.Recipients[0].Reply.ToString() : "";
    }

    /// <inheritdoc/>
    public void Dispose() => giveBack?.Invoke(this);
}
