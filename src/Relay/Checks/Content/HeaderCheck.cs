using System.Buffers;
using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks.Content;

/// <summary>
/// Looks at the shape of the header: what is no header, or hides who wrote the message, asks to be refused; what only lacks or
/// repeats a field is told of. A member is refused no more than what a next hop could not take or read one way only.
/// </summary>
internal sealed class HeaderCheck : ICheck
{
    /// <summary>Octets of a line without its line end (RFC 5322 §2.1.1).</summary>
    private const int MaxLine = 998;

    private static readonly HeaderFault TooLarge = new(CheckReasons.HeaderTooLarge, CheckAction.Reject, OfMembersToo: true,
        $"The header is too long: it may have {MessageHeader.MaxFields} fields and {MessageHeader.MaxLength} octets");

    private static readonly HeaderFault Nul = new(CheckReasons.HeaderNul, CheckAction.Reject, OfMembersToo: true,
        "The header holds a NUL octet: take it out or encode it");

    private static readonly HeaderFault LineTooLong = new(CheckReasons.HeaderLineTooLong, CheckAction.Reject, OfMembersToo: true,
        $"A line of the header is longer than {MaxLine} octets: fold it");

    private static readonly HeaderFault FromRepeated = new(CheckReasons.HeaderFromRepeated, CheckAction.Reject, OfMembersToo: true,
        "The header has more than one From field: leave one");

    private static readonly HeaderFault NotAField = new(CheckReasons.HeaderNotAField, CheckAction.Reject, OfMembersToo: false,
        "A line of the header is no field: give it a name and a colon, or put an empty line before the body");

    private static readonly HeaderFault FieldRepeated = new(CheckReasons.HeaderFieldRepeated, CheckAction.Tag, OfMembersToo: false,
        "A field stands in the header more than once");

    private static readonly HeaderFault FieldMissing = new(CheckReasons.HeaderFieldMissing, CheckAction.Tag, OfMembersToo: false,
        "The header lacks From or Date");

    /// <summary>Fields of which there may be one, beside From (RFC 5322 §3.6).</summary>
    private static readonly string[] Single =
        ["Date", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject"];

    /// <summary>Fields that every message has (RFC 5322 §3.6).</summary>
    private static readonly string[] Required = ["From", "Date"];

    /// <summary>What a field's name is made of (RFC 5322 §3.6.8).</summary>
    private static readonly SearchValues<char> NameText =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != ':')]);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Header;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel) =>
        ValueTask.FromResult(subject.Header is { } header ? Judge(header, subject.IsMember) : new CheckResult(Name));

    private CheckResult Judge(MessageHeader header, bool isMember)
    {
        var faults = Faults(header).Where(fault => !isMember || fault.OfMembersToo).ToArray();
        if (faults.MaxBy(fault => fault.Action) is not { } worst)
        {
            return new CheckResult(Name);
        }

        return new CheckResult(Name)
        {
            Action = worst.Action,
            Reason = worst.Reason,
            Refusal = worst.Action == CheckAction.Reject ? new SmtpReply(ReplyCode.MailboxUnavailable, 6, 0, worst.Text) : null,
            Detail = string.Join(", ", faults.Select(fault => fault.Reason)),
        };
    }

    private static IEnumerable<HeaderFault> Faults(MessageHeader header)
    {
        var fields = header.Fields;
        if (!header.IsWhole)
        {
            yield return TooLarge;
        }

        if (fields.Any(field => field.Octets.Span.Contains((byte)0)))
        {
            yield return Nul;
        }

        if (fields.Any(field => HasLongLine(field.Octets.Span)))
        {
            yield return LineTooLong;
        }

        if (header.Named("From").Skip(1).Any())
        {
            yield return FromRepeated;
        }

        if (fields.Any(field => field.Name is var name && (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameText))))
        {
            yield return NotAField;
        }

        if (Single.Any(name => header.Named(name).Skip(1).Any()))
        {
            yield return FieldRepeated;
        }

        if (Required.Any(name => !header.Named(name).Any()))
        {
            yield return FieldMissing;
        }
    }

    private static bool HasLongLine(ReadOnlySpan<byte> octets)
    {
        foreach (var line in octets.Split((byte)'\n'))
        {
            if (octets[line].TrimEnd((byte)'\r').Length > MaxLine)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Something wrong with a header.</summary>
    /// <param name="Reason">One of <see cref="CheckReasons"/>.</param>
    /// <param name="Action">What it asks for.</param>
    /// <param name="OfMembersToo">False where it is passed over in mail of a member: a printer may not know the date.</param>
    /// <param name="Text">For the client, with what to do.</param>
    private sealed record HeaderFault(string Reason, CheckAction Action, bool OfMembersToo, string Text);
}
