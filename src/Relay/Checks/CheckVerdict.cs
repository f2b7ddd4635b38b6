using Relay.Replies;

namespace Relay.Checks;

/// <summary>What the checks of one stage come to, when each may do no more than the configuration allows.</summary>
/// <param name="Action">The strongest action that is left.</param>
/// <param name="Decisive">The result that asks for it, the first in the order of <see cref="CheckName"/>; null where nothing is done.</param>
/// <param name="Results">All results so far, those of earlier stages too.</param>
public sealed record CheckVerdict(CheckAction Action, CheckResult? Decisive, IReadOnlyList<CheckResult> Results)
{
    /// <summary>Nothing was found, nothing is done.</summary>
    public static CheckVerdict Nothing { get; } = new(CheckAction.None, null, []);

    /// <summary>The reply that refuses; null where the mail is not refused.</summary>
    public SmtpReply? Refusal => Action == CheckAction.Reject ? Decisive?.Refusal : null;
}
