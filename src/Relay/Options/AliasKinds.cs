using System.Text;
using Relay.Mail;

namespace Relay.Options;

/// <summary>The sorts of values that forwarding knows.</summary>
internal static class AliasKinds
{
    /// <summary>What stands for others.</summary>
    public static ValueKind<string> Address { get; } = new(
        "one address (user@example.com), or @example.com for everybody there who is no alias", TryParse, address => address);

    /// <summary>Where mail goes on to.</summary>
    public static ValueKind<string> Target { get; } = new(
        "one address (user@example.com), or @example.com, which keeps what stands before the @", TryParse, target => target);

    /// <summary>What marks return-paths.</summary>
    public static ValueKind<string?> Secret { get; } = new(
        $"text of at least {SrsOptions.MinSecret} characters",
        (string text, out string? value) => (value = text).Length >= SrsOptions.MinSecret,
        secret => secret is null ? "none" : "***");

    private static bool TryParse(string text, out string value) =>
        (value = text).StartsWith('@')
            ? !text.StartsWith("@[", StringComparison.Ordinal) && Mailbox.IsDomain(Encoding.UTF8.GetBytes(text[1..]))
            : Mailbox.TryParse(text, out _);
}
