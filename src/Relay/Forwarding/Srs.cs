using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Forwarding;

/// <summary>
/// The Sender Rewriting Scheme: the reverse-path of what is forwarded becomes an address of ours, so that SPF of the sender's domain
/// does not speak of us, and what comes back to it is turned round. <c>SRS0=hash=day=domain=user@us</c> holds the sender;
/// what another host has rewritten becomes <c>SRS1=hash=host=rest@us</c>, which leads past all hosts between to the first
/// one. The hash, HMAC-SHA-1 as of everybody who does this, is checked without case. Pure.
/// </summary>
/// <param name="domain">Where the addresses are.</param>
public sealed class Srs(ReturnPathSecrets secrets, string domain, TimeProvider time)
{
    /// <summary>Days that a rewritten address is taken back for.</summary>
    private const int MaxAgeDays = 21;

    /// <summary>Characters of a hash that is made, and the fewest that are believed.</summary>
    private const int HashLength = 4;

    /// <summary>The days are counted in two digits of base 32.</summary>
    private const int Days = 1024;

    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string First = "SRS0";
    private const string Next = "SRS1";

    /// <summary>The address to send as in place of the sender's; null where it would be too long for any host.</summary>
    public Mailbox? Rewrite(Mailbox sender)
    {
        var rewritten = new Mailbox(LocalPart(sender), domain);
        return Mailbox.TryParse(rewritten.ToString(), out _) ? rewritten : null;
    }

    /// <summary>Whether an address looks like one of these, whoever has made it.</summary>
    public bool IsShaped(Mailbox address) =>
        address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase) && (Has(First, address) || Has(Next, address));

    /// <summary>Who stands behind an address of ours; null, with the reply that refuses it, when it is none, or too old.</summary>
    public bool TryReverse(Mailbox address, [NotNullWhen(true)] out Mailbox? sender, [NotNullWhen(false)] out SmtpReply? refusal)
    {
        sender = null;
        refusal = SrsReplies.NotOurs;
        if (!IsShaped(address))
        {
            return false;
        }

        var (read, isExpired) = Has(First, address) ? ReadFirst(Rest(address)) : ReadNext(Rest(address));
        if (!isExpired && read is not null && Mailbox.TryParse(read.ToString(), out sender))
        {
            refusal = null;
            return true;
        }

        refusal = isExpired ? SrsReplies.Expired : SrsReplies.NotOurs;
        return false;
    }

    private string LocalPart(Mailbox sender)
    {
        if (Has(First, sender))
        {
            return Chain(sender.Domain, sender.LocalPart[First.Length..]);
        }

        // Of a host behind the first one: we stand in its place.
        if (Has(Next, sender) && Rest(sender).Split('=', 3) is [_, var host, { Length: > 0 } rest])
        {
            return Chain(host, rest);
        }

        var day = Day(Today);
        return $"{First}={Hash(secrets.Current, day, sender.Domain, sender.LocalPart)}={day}={sender.Domain}={sender.LocalPart}";
    }

    private string Chain(string host, string rest) => $"{Next}={Hash(secrets.Current, host, rest)}={host}={rest}";

    /// <summary><c>hash=day=domain=user</c>.</summary>
    private (Mailbox? Sender, bool IsExpired) ReadFirst(string text) =>
        text.Split('=', 4) is [var hash, var day, var senderDomain, var local] && IsOurs(hash, day, senderDomain, local)
            ? (new Mailbox(local, senderDomain), !IsRecent(day))
            : default;

    /// <summary>
    /// <c>hash=host=rest</c>, where the rest begins with the separator that the first host has chosen. It has no time of its own: that
    /// host knows.
    /// </summary>
    private (Mailbox? Sender, bool IsExpired) ReadNext(string text) =>
        text.Split('=', 3) is [var hash, var host, { Length: > 0 } rest] && IsOurs(hash, host, rest)
            ? (new Mailbox(First + rest, host), false)
            : default;

    private bool IsOurs(string hash, params string[] parts) =>
        hash.Length >= HashLength && secrets.All.Any(secret => CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Hash(secret, hash.Length, parts).ToLowerInvariant()), Encoding.UTF8.GetBytes(hash.ToLowerInvariant())));

    /// <summary>Clocks of hosts that share a secret may differ: what is of tomorrow is recent.</summary>
    private bool IsRecent(string day) =>
        day.Length == 2 && Digits.IndexOf(char.ToUpperInvariant(day[0])) is >= 0 and var high &&
        Digits.IndexOf(char.ToUpperInvariant(day[1])) is >= 0 and var low &&
        (Today - ((high * Digits.Length) + low) + Days) % Days is <= MaxAgeDays or Days - 1;

    private int Today => (int)(time.GetUtcNow().ToUnixTimeSeconds() / (24 * 60 * 60) % Days);

    private static string Day(int day) => $"{Digits[day / Digits.Length]}{Digits[day % Digits.Length]}";

    private static string Hash(byte[] secret, params string[] parts) => Hash(secret, HashLength, parts);

    [SuppressMessage("Security", "CA5350", Justification = "All who do this use it, and some characters of it are all that is shown.")]
    private static string Hash(byte[] secret, int length, string[] parts)
    {
        var hash = Convert.ToBase64String(HMACSHA1.HashData(secret, Encoding.UTF8.GetBytes(string.Concat(parts).ToLowerInvariant())));
        return hash[..Math.Min(length, hash.Length)];
    }

    /// <summary>What stands behind the tag and its separator.</summary>
    private static string Rest(Mailbox address) => address.LocalPart[(First.Length + 1)..];

    /// <summary>Hosts put <c>=</c>, <c>+</c> or <c>-</c> behind the tag.</summary>
    private static bool Has(string tag, Mailbox address) =>
        address.LocalPart.Length > tag.Length && address.LocalPart.StartsWith(tag, StringComparison.OrdinalIgnoreCase) &&
        address.LocalPart[tag.Length] is '=' or '+' or '-';
}

/// <summary>What is said of a return-path that leads nowhere.</summary>
internal static class SrsReplies
{
    public static readonly SmtpReply NotOurs =
        new(ReplyCode.MailboxUnavailable, 1, 1, "This is no return path that this host has given out");

    public static readonly SmtpReply Expired = new(ReplyCode.MailboxUnavailable, 1, 1, "This return path has expired");
}
