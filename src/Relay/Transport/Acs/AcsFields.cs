using System.Buffers;
using System.Text.Unicode;
using MimeKit;
using Relay.Mail;
using Relay.Routing;

namespace Relay.Transport.Acs;

/// <summary>The header of a message: what becomes a property of the request, what goes as a header, and what the service makes anew.</summary>
internal sealed class AcsFields(MimeMessage message, AcsRoute route)
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    /// <summary>These have properties of their own.</summary>
    private static readonly HashSet<string> Mapped = new(StringComparer.OrdinalIgnoreCase) { "From", "To", "Cc", "Subject", "Reply-To" };

    /// <summary>
    /// What the service writes itself, what is of the way so far, and what would be void over content that is written anew. Those
    /// that name recipients must not go on: they may name whom nobody is to know of.
    /// </summary>
    private static readonly HashSet<string> Anew = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "MIME-Version", "Bcc", "Sender",
        "Received", "Return-Path", "Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "Apparently-To",
        "DKIM-Signature", "DomainKey-Signature", "Authentication-Results", "Received-SPF",
        "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results",
    };

    /// <summary>Standing twice they are no message (RFC 5322 §3.6), and one of them would be lost.</summary>
    private static readonly string[] Single = ["From", "Sender", "Reply-To", "To", "Cc", "Subject", "Message-Id"];

    private readonly Dictionary<string, string> others = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<AcsNamed> named = [];
    private readonly List<AcsAddress> replyTo = [];

    /// <summary>The author's address.</summary>
    public string Sender { get; private set; } = "";

    /// <summary>The subject; empty where there is none.</summary>
    public string Subject => message.Subject ?? "";

    /// <summary>Whom To and Cc name.</summary>
    public IReadOnlyList<AcsNamed> Named => named;

    /// <summary>Where answers go.</summary>
    public IReadOnlyList<AcsAddress> ReplyTo => replyTo;

    /// <summary>All other fields.</summary>
    public IReadOnlyDictionary<string, string> Others => others;

    /// <summary>Null, or what cannot be carried.</summary>
    public string? Read() => Twice() ?? NoText() ?? ReadFrom() ?? ReadReplyTo() ?? ReadNamed() ?? ReadOthers();

    private string? Twice() =>
        Single.FirstOrDefault(name => message.Headers.Count(h => Is(h, name)) > 1) is { } twice ? $"it has more than one {twice} field" : null;

    private string? NoText()
    {
        var broken = message.Headers.FirstOrDefault(h => !Anew.Contains(h.Field) && !IsText(h));
        return broken is null ? null : $"its {Shown(broken.Field)} field holds octets that are no text";
    }

    private string? ReadFrom()
    {
        if (message.From is not [MailboxAddress author])
        {
            return message.From.Count > 1 ? "it has several authors in From" : "its From names no author";
        }

        if (Parse(author) is not { } mailbox)
        {
            return "the address in From has no spelling in ASCII";
        }

        if (!route.From.Any(pattern => Matches(pattern, mailbox)))
        {
            return $"the service does not send from {mailbox}";
        }

        if (author.Name is { Length: > 0 } && !route.MayLose.Contains(AcsLoss.SenderName))
        {
            return "From has a display name, which the service does not take";
        }

        if (message.Sender is { } sender && Parse(sender) != mailbox)
        {
            return "its Sender is not its From";
        }

        Sender = mailbox.ToString();
        return null;
    }

    private string? ReadReplyTo()
    {
        foreach (var address in message.ReplyTo)
        {
            if (address is not MailboxAddress answer || Parse(answer) is not { } mailbox)
            {
                return "its Reply-To holds what is not an address in ASCII";
            }

            replyTo.Add(new AcsAddress(mailbox.ToString(), NameOf(answer)));
        }

        return null;
    }

    private string? ReadNamed()
    {
        foreach (var (list, isCc) in new[] { (message.To, false), (message.Cc, true) })
        {
            // An address that is none names nobody; whoever gets the mail is in the envelope.
            named.AddRange(
                from address in list.Mailboxes
                let mailbox = Parse(address)
                where mailbox is not null
                select new AcsNamed(mailbox, NameOf(address), isCc));
        }

        return null;
    }

    private string? ReadOthers()
    {
        foreach (var header in message.Headers.Where(h => !Mapped.Contains(h.Field) && !Anew.Contains(h.Field)))
        {
            if (header.Field.StartsWith("Resent-", StringComparison.OrdinalIgnoreCase))
            {
                return "it was sent again by hand (Resent- fields)";
            }

            if (header.Field.StartsWith("x-ms-acsemail-", StringComparison.OrdinalIgnoreCase))
            {
                return $"its {Shown(header.Field)} field would steer the service";
            }

            if (header.Field.AsSpan().ContainsAnyExcept(NameCharacters))
            {
                return $"it has a field of the name {Shown(header.Field)}";
            }

            if (!others.TryAdd(header.Field, OneLine(header.Value)))
            {
                return $"it has more than one {Shown(header.Field)} field";
            }
        }

        return null;
    }

    /// <summary>The patterns of <see cref="Route.Recipients"/>.</summary>
    private static bool Matches(string pattern, Mailbox mailbox)
    {
        if (pattern == "*")
        {
            return true;
        }

        if (Mailbox.TryParse(pattern, out var one))
        {
            return string.Equals(MimeToAcs.ToAscii(one)?.ToString(), mailbox.ToString(), StringComparison.OrdinalIgnoreCase);
        }

        var isBelow = pattern.StartsWith("*.", StringComparison.Ordinal);
        return DomainName.TryToAscii(isBelow ? pattern[2..] : pattern, out var domain) && (isBelow
            ? mailbox.Domain.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)
            : mailbox.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase));
    }

    private static Mailbox? Parse(MailboxAddress address) =>
        Mailbox.TryParse(address.Address, out var mailbox) ? MimeToAcs.ToAscii(mailbox) : null;

    private static string? NameOf(MailboxAddress address) => address.Name is { Length: > 0 } name ? OneLine(name) : null;

    private static bool Is(Header header, string name) => header.Field.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A field folds over lines; nothing else in it may be a control.</summary>
    private static bool IsText(Header header) =>
        Utf8.IsValid(header.RawValue) && !header.RawValue.AsSpan().ContainsAnyInRange((byte)0, (byte)8) &&
        !OneLine(header.Value ?? "").AsSpan().ContainsAnyInRange('\0', '\u001f');

    private static string OneLine(string value) => value.Replace("\r\n", "").Replace('\t', ' ').Trim();

    private static string Shown(string name) =>
        string.Concat(name.Take(60).Select(c => c is > ' ' and < '\u007f' ? c : '?'));
}
