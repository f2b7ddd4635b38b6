using System.Text;
using Relay.Mail;
using Relay.Support;

namespace Relay.Fuzz;

/// <summary>Says whether a session went as it has to.</summary>
internal static class Judge
{
    /// <returns>Null, or what is wrong: the first word is its kind.</returns>
    public static string? Complaint(ClientSession client, Transcript transcript)
    {
        if (transcript.Fault is { } fault)
        {
            return fault;
        }

        if (transcript.OpenContents != 0)
        {
            return $"leak: {transcript.OpenContents} contents were neither accepted nor given up";
        }

        List<Reply> replies = [];
        if (Replies.Read(transcript.Output, replies) is { } malformed)
        {
            return $"reply: {malformed}";
        }

        var plain = new PlainReader(Encoding.Latin1.GetString(client.Input), replies, client.IsTrusted, SessionRun.MaxMessageSize);
        if (plain.Read() is { } misfit)
        {
            return $"order: {misfit}";
        }

        if (plain.Messages.Count != transcript.Stored.Count)
        {
            return $"count: {transcript.Stored.Count} messages were stored where the session has {plain.Messages.Count}";
        }

        return plain.Messages.Zip(transcript.Stored, Complaint).FirstOrDefault(complaint => complaint is not null);
    }

    private static string? Complaint(PlainMessage expected, StoredMessage stored)
    {
        // A smuggled message is one whose reverse-path no command names.
        var envelope = stored.Message.Envelope;
        if (!Names(expected.MailLine, envelope.ReversePath.Mailbox) || envelope.Recipients.Count != expected.RcptLines.Count ||
            !expected.RcptLines.Zip(envelope.Recipients, (line, path) => Names(line, path.Mailbox)).All(named => named))
        {
            return $"envelope: <{envelope.ReversePath}> to {string.Join(", ", envelope.Recipients)} from {Text.Shown(expected.MailLine)}";
        }

        var octets = Encoding.Latin1.GetString(stored.Octets);
        var content = Encoding.Latin1.GetString(stored.ContentAsSent(SessionRun.HostName));
        var endsInCrLf = octets.EndsWith("\r\n", StringComparison.Ordinal) || expected.IsChunked;
        if (!expected.IsBinary && (!endsInCrLf || PlainContent.CrLfOnly(octets) != octets))
        {
            return $"lines: what is stored is not all of lines in CRLF: {Text.Shown(octets)}";
        }

        // What BDAT carried may have been given its last CRLF, and clean line ends.
        return Comparable(content, expected.IsChunked) == Comparable(expected.Content, expected.IsChunked)
            ? null
            : $"content: stored is {Text.Shown(content)}, sent was {Text.Shown(expected.Content)}";
    }

    /// <summary>
    /// Whether a command line names this address. The grammar of addresses is not said again here: with quotes and escapes in
    /// it, the line is believed.
    /// </summary>
    private static bool Names(string line, Mailbox? mailbox)
    {
        if (mailbox is null)
        {
            return line.Contains("<>", StringComparison.Ordinal);
        }

        if (line.Contains('"') || (line.Contains("postmaster", StringComparison.OrdinalIgnoreCase) && mailbox.Domain == SessionRun.HostName))
        {
            return true;
        }

        var octets = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(mailbox.ToString()));
        return line.Contains(octets, StringComparison.Ordinal);
    }

    private static string Comparable(string content, bool isChunked) => isChunked ? PlainContent.CrLfOnly(content).TrimEnd('\r', '\n') : content;
}
