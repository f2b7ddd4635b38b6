using System.Text;
using MimeKit.Utils;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Dsn;

/// <summary>Reads the fields of <c>message/delivery-status</c> (RFC 3464 §2): those of the message, and a group for each recipient. Pure.</summary>
internal static class RemoteReportFields
{
    /// <summary>Characters of a remote host's words that are kept.</summary>
    private const int MaxWords = 500;

    /// <summary>Characters of the name of a remote host.</summary>
    private const int MaxHost = 255;

    /// <summary>How long before its report something can have happened. What is said to be older is false.</summary>
    private static readonly TimeSpan LongestAgo = TimeSpan.FromDays(30);

    private static readonly (string Word, DsnAction Action)[] Actions =
    [
        ("failed", DsnAction.Failed), ("delayed", DsnAction.Delayed), ("delivered", DsnAction.Delivered),
        ("relayed", DsnAction.Relayed), ("expanded", DsnAction.Expanded),
    ];

    /// <summary>What is said of each recipient. A group that says nothing to be understood is passed over.</summary>
    public static IReadOnlyList<RemoteReport> Read(ReadOnlyMemory<byte> fields, int max, DateTimeOffset arrivedAt)
    {
        var ofMessage = TakeGroup(ref fields);
        List<RemoteReport> reports = [];
        while (!fields.IsEmpty && reports.Count < max)
        {
            if (ReadRecipient(ofMessage, TakeGroup(ref fields), arrivedAt) is { } report)
            {
                reports.Add(report);
            }
        }

        return reports;
    }

    /// <summary>The fields up to the next empty line.</summary>
    private static MessageHeader TakeGroup(ref ReadOnlyMemory<byte> fields)
    {
        fields = fields.TrimStart("\r\n"u8.ToArray());
        var group = MessageHeader.Parse(fields);
        fields = group.IsWhole ? fields[group.Length..] : default;
        return group;
    }

    private static RemoteReport? ReadRecipient(MessageHeader ofMessage, MessageHeader group, DateTimeOffset arrivedAt)
    {
        var (final, original) = (Address(group, "Final-Recipient"), Address(group, "Original-Recipient"));
        return ReadAction(group) is { } action && (final ?? original) is not null
            ? new RemoteReport
            {
                Action = action,
                Address = final,
                OriginalAddress = original,
                Status = Status(group),
                RemoteHost = Typed(group, "Remote-MTA", MaxHost) ?? Typed(ofMessage, "Reporting-MTA", MaxHost),
                Reply = Typed(group, "Diagnostic-Code", MaxWords),
                Source = RemoteReport.FromDsn,
                At = Time(group, arrivedAt),
            }
            : null;
    }

    private static DsnAction? ReadAction(MessageHeader group)
    {
        // A comment may follow the word.
        var value = Value(group, "Action")?.Split(' ', '(')[0];
        foreach (var (word, action) in Actions)
        {
            if (word.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return action;
            }
        }

        return null;
    }

    private static string? Status(MessageHeader group) =>
        Value(group, "Status")?.Split(' ', '(')[0] is { Length: <= 9 } text && text.Split('.') is ["2" or "4" or "5", var subject, var detail] &&
        IsNumber(subject) && IsNumber(detail)
            ? text
            : null;

    private static bool IsNumber(string text) => text.Length is > 0 and <= 3 && text.All(char.IsAsciiDigit);

    /// <summary>The address behind its type, decoded; null when it is none that a recipient of ours can have.</summary>
    private static string? Address(MessageHeader group, string name)
    {
        if (Value(group, name)?.Split(';', 2) is not [var type, var address])
        {
            return null;
        }

        address = address.Trim().Trim('<', '>');
        if (type.Trim().Equals("utf-8", StringComparison.OrdinalIgnoreCase) &&
            Utf8Address.TryDecode(Encoding.UTF8.GetBytes(address), out var decoded))
        {
            address = decoded;
        }

        return address.Length is > 0 and <= Xtext.MaxLength ? address : null;
    }

    /// <summary>The value behind its type, on one line.</summary>
    private static string? Typed(MessageHeader group, string name, int max)
    {
        if (Value(group, name) is not { } value)
        {
            return null;
        }

        var text = value[(value.IndexOf(';') + 1)..].Trim();
        text = string.Concat(text.Take(max).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > 0 ? text : null;
    }

    private static DateTimeOffset Time(MessageHeader group, DateTimeOffset arrivedAt) =>
        Value(group, "Last-Attempt-Date") is { Length: < 100 } text && DateUtils.TryParse(text, out var at) &&
        at <= arrivedAt && at > arrivedAt - LongestAgo
            ? at.ToUniversalTime()
            : arrivedAt;

    private static string? Value(MessageHeader group, string name) =>
        group.Named(name).Select(field => field.Value.Replace('\t', ' ')).FirstOrDefault();
}
