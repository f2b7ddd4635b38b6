using Relay.Checks;

namespace Relay.Options;

/// <summary>The checks of mail from clients that nobody vouches for.</summary>
public sealed record CheckOptions
{
    /// <summary>When mail is checked whose client is known.</summary>
    public CheckPlace Place { get; init; }

    /// <summary>For one check; a check that takes longer has no answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What one of several who are asked in a check may take, so that the others still count; up to three may follow one another.</summary>
    internal TimeSpan Patience => Timeout * 0.3;

    /// <summary>The most that each check may do, where a listener does not say otherwise.</summary>
    public CheckModes Modes { get; init; } = CheckModes.Default;
}

/// <summary>When mail is checked.</summary>
public enum CheckPlace
{
    /// <summary>In the session, so that a refusal is a reply.</summary>
    Session,

    /// <summary>Once it is accepted, from the queue.</summary>
    Queue,
}
