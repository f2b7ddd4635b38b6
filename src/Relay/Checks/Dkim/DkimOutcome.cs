namespace Relay.Checks.Dkim;

/// <summary>What a signature came to, in the words of RFC 8601 §2.7.1.</summary>
internal enum DkimOutcome
{
    /// <summary>It holds.</summary>
    Pass,

    /// <summary>It does not hold: the message is not the one that was signed, or its time is over.</summary>
    Fail,

    /// <summary>It may hold, and is not good enough for us: SHA-1, a weak key, a part of the body alone.</summary>
    Policy,

    /// <summary>It cannot be read.</summary>
    Neutral,

    /// <summary>DNS gave no answer: a later try may end otherwise.</summary>
    TempError,

    /// <summary>It can be read, and can never be verified: no key, a key that does not fit, a field that is not signed.</summary>
    PermError,
}

/// <summary>What became of a signature, and why unless it holds.</summary>
/// <param name="Cause">For people; null for a pass.</param>
internal readonly record struct SignatureVerdict(DkimOutcome Outcome, string? Cause)
{
    public static SignatureVerdict Pass { get; } = new(DkimOutcome.Pass, null);

    public bool IsPass => Outcome == DkimOutcome.Pass;
}

/// <summary>Their words.</summary>
internal static class DkimOutcomes
{
    /// <summary>As <c>Authentication-Results</c> has it.</summary>
    public static string Word(this DkimOutcome outcome) => outcome switch
    {
        DkimOutcome.Pass => "pass",
        DkimOutcome.Fail => "fail",
        DkimOutcome.Policy => "policy",
        DkimOutcome.Neutral => "neutral",
        DkimOutcome.TempError => "temperror",
        _ => "permerror",
    };
}
