using Relay.Mail;
using Relay.Status;

namespace Relay.Cli.Status;

/// <summary>A message's status for people. What others sent is shown on one line and without control characters.</summary>
internal static class StatusText
{
    public static void Write(TextWriter output, MessageStatus status)
    {
        Columns.Write(output,
        [
            ["id", status.Id],
            ["accepted", Text.Time(status.AcceptedAt)],
            ["from", Sender(status.Sender)],
            ["size", $"{status.Size} octets, content {(status.HasContent ? "kept" : "no longer kept")}"],
            ["client", Client(status.Origin)],
            .. ForwardedFor(status.Origin),
        ]);

        output.WriteLine();
        output.WriteLine("recipients");
        Columns.Write(output, [.. status.Recipients.Select(Recipient)], indent: "  ");

        output.WriteLine();
        output.WriteLine("timeline");
        Columns.Write(output, [.. (status.Events ?? []).Select(e => Event(e, status.Recipients))], indent: "  ");
    }

    /// <summary>A reverse-path; the null one as on the wire.</summary>
    public static string Sender(string sender) => sender.Length == 0 ? "<>" : Text.OneLine(sender);

    private static string[][] ForwardedFor(Origin origin) =>
        origin.ForwardedFor is { } address ? [["forwarded for", Text.OneLine(address)]] : [];

    private static string Client(Origin origin)
    {
        var parts = new List<string>();
        if (origin.ClientAddress is { } address)
        {
            parts.Add(address);
        }

        if (origin.Helo is { } helo)
        {
            parts.Add($"({helo})");
        }

        parts.Add($"by {origin.Protocol}");
        if (origin.Account is { } account)
        {
            parts.Add($"as {account}");
        }

        if (origin.Tls is { } tls)
        {
            parts.Add($"over {tls}");
        }

        if (origin.SessionId is { } session)
        {
            parts.Add($"in session {session}");
        }

        if (origin.Lenient)
        {
            parts.Add("with lenient syntax");
        }

        return Text.OneLine(string.Join(' ', parts));
    }

    private static string[] Recipient(RecipientStatus recipient)
    {
        var attempts = recipient.Attempts switch { 0 when recipient.State.IsFinal() => "not tried", 0 => "not tried yet", 1 => "1 attempt", var n => $"{n} attempts" };
        var next = recipient.NextAttemptAt is { } at ? $"next at {Text.Time(at)}" : "";
        return
        [
            Text.OneLine(recipient.Address), StatusEvents.KindOf(recipient.State) + Mark(recipient), recipient.Reason ?? "", attempts, next,
        ];
    }

    private static string Mark(RecipientStatus recipient) => recipient.IsStuck ? ", stuck" : recipient.IsHeld ? ", held" : "";

    private static string[] Event(StatusEvent e, IReadOnlyList<RecipientStatus> recipients)
    {
        var recipient = e.Recipient is { } index && index >= 0 && index < recipients.Count ? recipients[index].Address : "";
        return
        [
            $"{e.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff}Z", e.Kind, Text.OneLine(recipient), e.Route ?? "",
            Text.OneLine(e.RemoteHost ?? ""), Text.OneLine(Cause(e)),
        ];
    }

    /// <summary>A reply says all; of what a check found, or why work is set aside, the words alone do not.</summary>
    private static string Cause(StatusEvent e) => e is { Kind: StatusEvents.Checked or StatusEvents.SetAside, Reason: { } reason, Detail: { } detail }
        ? $"{reason}: {detail}"
        : e.Detail ?? e.Reason ?? "";
}
