using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Accounts;

internal static partial class SignInLog
{
    /// <summary>Characters of a text that a client sent; longer ones are cut.</summary>
    private const int MaxShown = 320;

    [LoggerMessage(EventIds.SignedIn, LogLevel.Information, "{Session} {Result}: {Account} from {Client} by {Mechanism}")]
    public static partial void SignedIn(ILogger log, string session, string result, string account, IPAddress? client, string mechanism);

    [LoggerMessage(EventIds.SignInFailed, LogLevel.Warning, "{Session} {Result}: {Account} from {Client} by {Mechanism} ({Detail})")]
    public static partial void SignInFailed(
        ILogger log, string session, string result, string? account, IPAddress? client, string mechanism, string? detail);

    [LoggerMessage(EventIds.AccountsFailed, LogLevel.Error, "Signing in failed for a reason of the relay: {What}")]
    public static partial void AccountsFailed(ILogger log, Exception exception, string what);

    [LoggerMessage(EventIds.LockSet, LogLevel.Warning, "Locked the {Kind} {Subject} after {Failures} failures to sign in, until {Until:u}")]
    public static partial void LockSet(ILogger log, string kind, string subject, int failures, DateTimeOffset until);

    [LoggerMessage(EventIds.LockLifted, LogLevel.Information, "The lock of the {Kind} {Subject} was lifted")]
    public static partial void LockLifted(ILogger log, string kind, string subject);

    [LoggerMessage(EventIds.TokenKeysFailed, LogLevel.Warning, "The keys for access tokens cannot be read from {Authority}: {Cause}")]
    public static partial void TokenKeysFailed(ILogger log, Uri authority, string cause);

    /// <summary>A text of a client as it may stand in a log: cut, and without anything that ends or turns the line.</summary>
    public static string Shown(string text)
    {
        var shown = text.Length <= MaxShown ? text : text[..MaxShown] + "…";
        return shown.All(IsPlain) ? shown : string.Create(shown.Length, shown, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = IsPlain(from[i]) ? from[i] : '.';
            }
        });
    }

    private static bool IsPlain(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
