using System.Buffers;
using System.Text;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Dsn;

/// <summary>Writes a <see cref="DeliveryReport"/> as <c>multipart/report</c> (RFC 6522) with a <c>message/delivery-status</c> (RFC 3464).</summary>
internal static class DeliveryReportText
{
    private const int MaxDiagnostic = 800;

    /// <summary>The whole message, with CRLF line ends.</summary>
    public static byte[] Write(DeliveryReport report)
    {
        var boundary = $"=_{report.Id}";
        var output = new ArrayBufferWriter<byte>(4096 + report.Original.Length);
        WriteHeader(output, report, boundary);
        WriteForReader(output, report, boundary);
        WriteForProgram(output, report, boundary);
        WriteOriginal(output, report, boundary);
        Line(output, $"--{boundary}--");
        return output.WrittenSpan.ToArray();
    }

    private static void WriteHeader(ArrayBufferWriter<byte> output, DeliveryReport report, string boundary)
    {
        Line(output, $"From: Mail Delivery System <MAILER-DAEMON@{report.HostName}>");
        Line(output, $"To: <{report.Sender}>");
        Line(output, $"Subject: {Subject(report)}");
        Line(output, $"Date: {TraceHeaders.Date(report.DecidedAt)}");
        Line(output, $"Message-ID: <{report.Id}@{report.HostName}>");
        Line(output, "Auto-Submitted: auto-replied");
        Line(output, "MIME-Version: 1.0");
        Line(output, "Content-Type: multipart/report; report-type=delivery-status;");
        Line(output, $"\tboundary=\"{boundary}\"");
        Line(output);
    }

    private static void WriteForReader(ArrayBufferWriter<byte> output, DeliveryReport report, string boundary)
    {
        Part(output, boundary, "text/plain; charset=utf-8");
        Line(output, $"This is the mail relay at {report.HostName}.");
        Line(output);
        WriteGroup(output, report, DsnAction.Failed, "Your message could not be delivered to:");
        WriteGroup(output, report, DsnAction.Delivered, "Your message was delivered to:");
        WriteGroup(output, report, DsnAction.Relayed, "Your message was handed on to a host that sends no reports of delivery, for:");
        Line(output, $"It was accepted at {TraceHeaders.Date(report.ArrivedAt)} with the id {report.About}.");
        Line(output, $"{(report.HasFailures ? "Nothing more will be tried. " : "")}{(report.OriginalIsWhole ? "Your message" : "The header of your message")} follows.");
        Line(output);
    }

    private static void WriteGroup(ArrayBufferWriter<byte> output, DeliveryReport report, DsnAction action, string opening)
    {
        if (report.Recipients.All(r => r.Report.Action != action))
        {
            return;
        }

        Line(output, opening);
        foreach (var (path, outcome) in report.Recipients.Where(r => r.Report.Action == action))
        {
            Line(output);
            Line(output, $"  <{path}>");
            Line(output, $"    {Sentence(outcome)}");
        }

        Line(output);
    }

    private static void WriteForProgram(ArrayBufferWriter<byte> output, DeliveryReport report, string boundary)
    {
        Part(output, boundary, "message/delivery-status");
        if (report.EnvelopeId is { } envelopeId)
        {
            Line(output, $"Original-Envelope-Id: {OneLine(envelopeId)}");
        }

        Line(output, $"Reporting-MTA: dns; {report.HostName}");
        Line(output, $"Arrival-Date: {TraceHeaders.Date(report.ArrivedAt)}");
        Line(output, $"X-Relay-Message-ID: {report.About}");
        foreach (var (path, outcome) in report.Recipients)
        {
            Line(output);
            WriteRecipient(output, path, outcome);
            Line(output, $"Last-Attempt-Date: {TraceHeaders.Date(report.DecidedAt)}");
        }

        Line(output);
    }

    private static void WriteRecipient(ArrayBufferWriter<byte> output, ForwardPath path, RecipientReport outcome)
    {
        if (path.OriginalRecipient is { } original)
        {
            // A message/delivery-status is ASCII: an internationalised address stands in the form of RFC 6533 §3.
            Line(output, $"Original-Recipient: {original.AddressType}; {OneLine(original.IsUtf8 ? Utf8Address.Encode(original.Address) : original.Address)}");
        }

        Line(output, $"Final-Recipient: rfc822; {path}");
        Line(output, $"Action: {Word(outcome.Action)}");
        Line(output, $"Status: {outcome.Status}");
        if (outcome.RemoteHost is { } host)
        {
            Line(output, $"Remote-MTA: dns; {HostName(host)}");
            Line(output, $"Diagnostic-Code: smtp; {OneLine(outcome.Reply)}");
        }
    }

    private static void WriteOriginal(ArrayBufferWriter<byte> output, DeliveryReport report, string boundary)
    {
        if (report.OriginalIsWhole)
        {
            var encoding = Ascii.IsValid(report.Original) ? "7bit" : "8bit";
            Part(output, boundary, $"message/rfc822\r\nContent-Transfer-Encoding: {encoding}");
        }
        else
        {
            Part(output, boundary, "text/rfc822-headers");
        }

        output.Write(report.Original);
        Line(output);
    }

    private static string Subject(DeliveryReport report) =>
        report.HasFailures ? "Your message could not be delivered"
        : report.Recipients.All(r => r.Report.Action == DsnAction.Delivered) ? "Your message was delivered"
        : "Your message was handed on";

    private static string Word(DsnAction action) => action switch
    {
        DsnAction.Failed => "failed",
        DsnAction.Delivered => "delivered",
        _ => "relayed",
    };

    private static string Sentence(RecipientReport outcome) => outcome switch
    {
        { Reason: Reasons.RetryTimeExceeded, Reply: { } reply } => $"It was tried for too long. The last cause: {OneLine(reply)}",
        { RemoteHost: { } host, Reply: { } reply } => $"The host {HostName(host)} said: {OneLine(reply)}",
        _ => OneLine(outcome.Reply),
    };

    /// <summary>The name of <c>name[address]:port</c>.</summary>
    private static string HostName(string remoteHost) => remoteHost.Split('[')[0] is { Length: > 0 } name ? name : remoteHost;

    /// <summary>
    /// A remote server's words, without what could end the line or the part, and in ASCII: they must not be what makes the
    /// report 8-bit, and so undeliverable to an old host.
    /// </summary>
    private static string OneLine(string? text)
    {
        var line = new StringBuilder(text is null ? "" : text[..Math.Min(text.Length, MaxDiagnostic)]);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] is < ' ' or > '~')
            {
                line[i] = line[i] < ' ' ? ' ' : '?';
            }
        }

        return line.ToString();
    }

    private static void Part(ArrayBufferWriter<byte> output, string boundary, string type)
    {
        Line(output, $"--{boundary}");
        Line(output, $"Content-Type: {type}");
        Line(output);
    }

    private static void Line(ArrayBufferWriter<byte> output, string text = "")
    {
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }
}
