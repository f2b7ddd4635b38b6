using System.Buffers;
using System.Text;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;
using static Relay.Dsn.DeliveryReportText;

namespace Relay.Dsn;

/// <summary>
/// The part of a report for programs: <c>message/delivery-status</c> (RFC 3464 §2), or <c>message/global-delivery-status</c>,
/// where addresses stand in UTF-8 (RFC 6533 §4).
/// </summary>
internal static class DeliveryStatusText
{
    /// <summary>Characters of a remote host's words.</summary>
    private const int MaxDiagnostic = 800;

    public static ReadOnlySpan<byte> Write(DeliveryReport report)
    {
        var output = new ArrayBufferWriter<byte>(1024);
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
            WriteRecipient(output, report, path, outcome);
        }

        return output.WrittenSpan;
    }

    private static void WriteRecipient(ArrayBufferWriter<byte> output, DeliveryReport report, ForwardPath path, RecipientReport outcome)
    {
        if (path.OriginalRecipient is { } original)
        {
            Line(output, $"Original-Recipient: {original.AddressType}; {(original.IsUtf8 ? Utf8Form(report, original.Address) : OneLine(original.Address))}");
        }

        Line(output, path.Mailbox.IsAscii ? $"Final-Recipient: rfc822; {path}" : $"Final-Recipient: utf-8; {Utf8Form(report, path.ToString())}");
        Line(output, $"Action: {Word(outcome.Action)}");
        Line(output, $"Status: {outcome.Status}");
        if (outcome.RemoteHost is { } host)
        {
            Line(output, $"Remote-MTA: dns; {HostName(host)}");
            Line(output, $"Diagnostic-Code: smtp; {OneLine(outcome.Reply)}");
        }

        if (outcome.Reason != Reasons.Suppressed)
        {
            Line(output, $"Last-Attempt-Date: {TraceHeaders.Date(outcome.At ?? report.DecidedAt)}");
        }

        if (outcome.Action == DsnAction.Delayed)
        {
            Line(output, $"Will-Retry-Until: {TraceHeaders.Date(report.TriedUntil)}");
        }
    }

    private static string Word(DsnAction action) => action switch
    {
        DsnAction.Failed => "failed",
        DsnAction.Delayed => "delayed",
        DsnAction.Delivered => "delivered",
        DsnAction.Expanded => "expanded",
        _ => "relayed",
    };

    /// <summary>An address as it is, or in ASCII where the report must be.</summary>
    internal static string Address(DeliveryReport report, string address) =>
        report.IsInternational || Ascii.IsValid(address) ? address : Utf8Address.Encode(address);

    /// <summary>An address of the type <c>utf-8</c>: as it is, or in the form for a part in ASCII (RFC 6533 §3).</summary>
    private static string Utf8Form(DeliveryReport report, string address) => report.IsInternational ? address : Utf8Address.Encode(address);

    /// <summary>The name of <c>name[address]:port</c>.</summary>
    internal static string HostName(string remoteHost) => remoteHost.Split('[')[0] is { Length: > 0 } name ? name : remoteHost;

    /// <summary>
    /// A remote server's words, without what could end the line or the part, and in ASCII: they must not be what makes the
    /// report 8-bit, and so undeliverable to an old host.
    /// </summary>
    internal static string OneLine(string? text)
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
}
