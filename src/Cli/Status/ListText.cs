using Relay.Status;

namespace Relay.Cli.Status;

/// <summary>A page of messages for people, at most 120 columns wide.</summary>
internal static class ListText
{
    private const int SenderWidth = 20;
    private const int RecipientWidth = 22;

    public static void Write(TextWriter output, StatusPage page)
    {
        if (page.Messages.Count == 0)
        {
            output.WriteLine("No message matches.");
            return;
        }

        List<string[]> rows = [["ACCEPTED", "ID", "FROM", "TO", "STATE"]];
        rows.AddRange(page.Messages.Select(Row));
        Columns.Write(output, rows);
        if (page.Cursor is not null)
        {
            output.WriteLine($"There are more: --limit shows more at once, --cursor {page.Cursor} goes on from here.");
        }
    }

    private static string[] Row(MessageStatus message) =>
    [
        Text.Time(message.AcceptedAt), message.Id, Text.Short(StatusText.Sender(message.Sender), SenderWidth),
        Recipients(message.Recipients), States(message.Recipients),
    ];

    private static string Recipients(IReadOnlyList<RecipientStatus> recipients)
    {
        var first = recipients.Count == 0 ? "" : Text.OneLine(recipients[0].Address);
        var more = recipients.Count > 1 ? $" +{recipients.Count - 1}" : "";
        return Text.Short(first, RecipientWidth - more.Length) + more;
    }

    /// <summary>One word when all recipients share it, counts otherwise, in the order of the states.</summary>
    private static string States(IReadOnlyList<RecipientStatus> recipients)
    {
        var groups = recipients.GroupBy(Word).OrderBy(group => group.Min(recipient => recipient.State)).ToList();
        return groups.Count == 1
            ? groups[0].Key
            : string.Join(", ", groups.Select(group => $"{group.Count()} {group.Key}"));
    }

    /// <summary>Mail that never left the machine must not look as if it had.</summary>
    private static string Word(RecipientStatus recipient) =>
        recipient.IsHeld ? StatusEvents.Held
        : recipient.Reason is Reasons.Captured or Reasons.Discarded ? recipient.Reason
        : StatusEvents.KindOf(recipient.State);
}
