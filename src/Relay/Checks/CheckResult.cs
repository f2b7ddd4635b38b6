using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks;

/// <summary>What one check has found; a check with more to tell to those after it derives from it.</summary>
/// <param name="Check">Which check.</param>
public record CheckResult(CheckName Check)
{
    /// <summary>What it asks to be done. The configuration may allow less, and never does more.</summary>
    public CheckAction Action { get; init; }

    /// <summary>The client, the sender or the recipient is on a list of those to let in.</summary>
    public CheckAllowance Allows { get; init; }

    /// <summary>One of <see cref="CheckReasons"/>: why it asks for an action, or why there was no answer; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>What to tell the client when the mail is refused, with code and enhanced status; null where it asks for no action.</summary>
    public SmtpReply? Refusal { get; init; }

    /// <summary>The cause, for the log and the status; the client does not see it.</summary>
    public string? Detail { get; init; }

    /// <summary>What goes into <c>Authentication-Results</c>.</summary>
    public IReadOnlyList<AuthenticationResult> Authentication { get; init; } = [];

    /// <summary>Whole header fields that it adds to the message, each with its line end; such as <c>Received-SPF</c>.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Questions to DNS.</summary>
    public int Lookups { get; init; }
}
