namespace Relay.Delivery.Destinations;

/// <summary>The gates of all destinations: who may try now, and who comes again.</summary>
public interface IDestinations
{
    /// <summary>Asks before an attempt.</summary>
    Admission Ask(DestinationKey key, Applicant applicant);

    /// <summary>Every destination that is known now: those in trouble first.</summary>
    IReadOnlyList<DestinationStatus> List();

    /// <summary>
    /// Forgets that a domain is backed off, with every destination that serves more than one domain; all destinations when
    /// <paramref name="domain"/> is null.
    /// </summary>
    /// <param name="domain">In A-labels.</param>
    void Reset(string? domain = null);
}

/// <summary>The work that asks.</summary>
/// <param name="Age">Since acceptance: what has waited for long waits on in longer steps.</param>
/// <param name="HadTurn">It was put off before, for want of room, and goes before what comes anew.</param>
public readonly record struct Applicant(TimeSpan Age, bool HadTurn = false);

/// <summary>The answer: go, or come again.</summary>
public readonly record struct Admission
{
    /// <summary>Go; null for come again. To be disposed of when the attempt has ended, however it did.</summary>
    public Ticket? Ticket { get; private init; }

    /// <summary>When to come again.</summary>
    public DateTimeOffset At { get; private init; }

    /// <summary>Why the destination is backed off; null where it is only full.</summary>
    public string? Trouble { get; private init; }

    /// <summary>Go.</summary>
    public static Admission Go(Ticket ticket) => new() { Ticket = ticket };

    /// <summary>There is no room now.</summary>
    public static Admission Full(DateTimeOffset at) => new() { At = at };

    /// <summary>The destination is backed off.</summary>
    public static Admission BackedOff(DateTimeOffset at, string trouble) => new() { At = at, Trouble = trouble };
}

/// <summary>No gates: everybody may go.</summary>
internal sealed class OpenDestinations : IDestinations
{
    public static readonly OpenDestinations Instance = new();

    public Admission Ask(DestinationKey key, Applicant applicant) => Admission.Go(Ticket.Free);

    public IReadOnlyList<DestinationStatus> List() => [];

    public void Reset(string? domain = null)
    {
    }
}
