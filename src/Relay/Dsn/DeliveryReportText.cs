using System.Buffers;
using System.Text;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Dsn;

/// <summary>
/// Writes a <see cref="DeliveryReport"/> as <c>multipart/report</c> (RFC 6522): words for people, the part for programs of
/// <see cref="DeliveryStatusText"/>, and the original or its header.
/// </summary>
internal static class DeliveryReportText
{
    private static readonly (DsnAction Action, string Opening)[] Groups =
    [
        (DsnAction.Failed, "Your message could not be delivered to:"),
        (DsnAction.Delayed, "Your message has not been delivered yet, and is still being tried, to:"),
        (DsnAction.Delivered, "Your message was delivered to:"),
        (DsnAction.Relayed, "Your message was handed on to a host that sends no reports of delivery, for:"),
        (DsnAction.Expanded, "Your message was sent on to other addresses, for:"),
    ];

    /// <summary>The whole message, with CRLF line ends.</summary>
    public static byte[] Write(DeliveryReport report)
    {
        var boundary = $"=_{report.Id}";
        var output = new ArrayBufferWriter<byte>(4096 + report.Original.Length);
        WriteHeader(output, report, boundary);
        Part(output, boundary, "text/plain; charset=utf-8", ForReader(report));
        Part(output, boundary,
            report.IsInternational ? "message/global-delivery-status" : "message/delivery-status", DeliveryStatusText.Write(report));
        Part(output, boundary, TypeOfOriginal(report), report.Original);
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

    private static string Subject(DeliveryReport report) =>
        report.Has(DsnAction.Failed) ? "Your message could not be delivered"
        : report.Has(DsnAction.Delayed) ? "Your message is delayed"
        : report.Recipients.All(r => r.Report.Action == DsnAction.Delivered) ? "Your message was delivered"
        : "Your message was handed on";

    private static ReadOnlySpan<byte> ForReader(DeliveryReport report)
    {
        var text = new ArrayBufferWriter<byte>(1024);
        Line(text, $"This is the mail relay at {report.HostName}.");
        Line(text);
        foreach (var (action, opening) in Groups)
        {
            WriteGroup(text, report, action, opening);
        }

        Line(text, $"It was accepted at {TraceHeaders.Date(report.ArrivedAt)} with the id {report.About}.");
        if (report.Has(DsnAction.Delayed))
        {
            Line(text, $"It will be tried until {TraceHeaders.Date(report.TriedUntil)}. You need not send it again.");
        }
        else if (report.Has(DsnAction.Failed))
        {
            Line(text, "Nothing more will be tried.");
        }

        if (report.Original.Length > 0)
        {
            Line(text, $"{(report.OriginalIsWhole ? "Your message" : "The header of your message")} follows.");
        }

        return text.WrittenSpan;
    }

    private static void WriteGroup(ArrayBufferWriter<byte> text, DeliveryReport report, DsnAction action, string opening)
    {
        if (!report.Has(action))
        {
            return;
        }

        Line(text, opening);
        foreach (var (path, outcome) in report.Recipients.Where(r => r.Report.Action == action))
        {
            Line(text);
            Line(text, $"  <{DeliveryStatusText.Address(report, path.ToString())}>");
            Line(text, $"    {Sentence(outcome)}");
        }

        Line(text);
    }

    private static string Sentence(RecipientReport outcome) => outcome switch
    {
        { Reason: Reasons.RetryTimeExceeded, Reply: { } reply } => $"It was tried for too long. The last cause: {DeliveryStatusText.OneLine(reply)}",
        { RemoteHost: { } host, Reply: { } reply } => $"The host {DeliveryStatusText.HostName(host)} said: {DeliveryStatusText.OneLine(reply)}",
        _ => DeliveryStatusText.OneLine(outcome.Reply),
    };

    private static string TypeOfOriginal(DeliveryReport report) => (report.OriginalIsWhole, report.IsInternational) switch
    {
        (true, true) => "message/global",
        (true, false) => "message/rfc822",
        (false, true) => "message/global-headers",
        (false, false) => "text/rfc822-headers",
    };

    private static void Part(ArrayBufferWriter<byte> output, string boundary, string type, ReadOnlySpan<byte> content)
    {
        Line(output, $"--{boundary}");
        Line(output, $"Content-Type: {type}");
        if (!Ascii.IsValid(content))
        {
            Line(output, "Content-Transfer-Encoding: 8bit");
        }

        Line(output);
        output.Write(content);
        Line(output);
    }

    internal static void Line(ArrayBufferWriter<byte> output, string text = "")
    {
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }
}
