using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>What a chain came to (RFC 8617 §4.4).</summary>
public enum ArcStatus
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Every seal holds, and the message is as the last one who sealed it let it go.</summary>
    Pass,

    /// <summary>It does not hold. What it says counts for nothing.</summary>
    Fail,

    /// <summary>DNS gave no answer for a key, so that nobody knows. What it says counts for nothing.</summary>
    TempError,
}

/// <summary>A chain, as the fields of a message and the keys in DNS show it.</summary>
/// <param name="Status">What it came to.</param>
/// <param name="Cause">Why it does not hold; null where it does, and where there is none.</param>
public sealed record ArcChain(ArcStatus Status, string? Cause = null)
{
    /// <summary>Those who sealed, the first one first; empty unless the chain passed.</summary>
    public IReadOnlyList<ArcHop> Hops { get; init; } = [];

    /// <summary>Of a chain that passed, since when the message is as it is now: the instance, or 0 when nobody who sealed has changed it (RFC 8617 §5.2).</summary>
    public int OldestPass { get; init; }

    /// <summary>Questions to DNS.</summary>
    public int Lookups { get; init; }

    /// <summary>Who sealed last; null unless the chain passed.</summary>
    public string? Sealer => Hops.Count > 0 ? Hops[^1].Sealer : null;
}

/// <summary>One who sealed the message on its way.</summary>
/// <param name="Sealer">Its domain, <c>d=</c> of the seal, in A-labels.</param>
/// <param name="Selector">Which of its keys.</param>
/// <param name="Results">What it had found when the message came to it; only as good as its word, and as the word of all after it.</param>
public sealed record ArcHop(string Sealer, string Selector, IReadOnlyList<AuthenticationResult> Results)
{
    /// <summary>Its place, from 1.</summary>
    public required int Instance { get; init; }

    /// <summary>What its seal says of the chain before it.</summary>
    public required ArcStatus Before { get; init; }

    /// <summary>Its results as it wrote them, without the instance.</summary>
    public required string Text { get; init; }
}

/// <summary>The words of <see cref="ArcStatus"/>.</summary>
internal static class ArcStatusWords
{
    /// <summary>As <c>Authentication-Results</c> and <c>cv=</c> have it.</summary>
    public static string Word(this ArcStatus status) => status switch
    {
        ArcStatus.None => "none",
        ArcStatus.Pass => "pass",
        ArcStatus.Fail => "fail",
        _ => "temperror",
    };
}
