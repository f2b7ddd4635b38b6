using Relay.Accounts;
using Relay.Replies;
using Relay.Routing;

namespace Relay.Options;

/// <summary>The sorts of values that the conditions and the words of routes know.</summary>
internal static class RouteConditionKinds
{
    /// <summary>Characters of the text of a reply at most, so that it goes into one line (RFC 5321 §4.5.3.1.5).</summary>
    private const int MaxReplyText = 400;

    /// <summary>Who may be signed in.</summary>
    public static ValueKind<string> Account { get; } = new(
        "* (whoever is signed in), or the name of an account",
        (string text, out string value) => (value = text) == "*" || AccountParser.IsName(text),
        name => name);

    /// <summary>A field of the header.</summary>
    public static ValueKind<HeaderPattern> Header { get; } = new(
        "the name of a field, a colon and a value with * for any characters, such as List-Id: *newsletter*",
        (string text, out HeaderPattern value) => HeaderPattern.TryParse(text, out value!),
        pattern => pattern.ToString());

    /// <summary>What is said of mail that goes nowhere.</summary>
    public static ValueKind<SmtpReply?> Reply { get; } = new(
        "a reply code, an enhanced status code of the same class and a text in printable ASCII, such as 550 5.7.1 Not here",
        TryReply,
        reply => reply?.ToString() ?? "generic words");

    /// <summary>421 is none of them: it ends the session, and with it the mail of other recipients.</summary>
    private static bool TryReply(string text, out SmtpReply? value)
    {
        value = text.Length > 4 && text[3] == ' ' && text.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0 &&
            int.Parse(text.AsSpan(0, 3), null) is var code and (>= 250 and < 260 or >= 450 and < 460 or >= 550 and < 560) &&
            EnhancedStatus.TryRead(text.AsSpan(4), out var status, out var length) && status.Class == code / 100 &&
            text[(4 + length)..].Trim() is { Length: > 0 and <= MaxReplyText } words && words.All(c => c is >= ' ' and <= '~')
            ? new SmtpReply(code, status, words)
            : null;
        return value is not null;
    }
}
