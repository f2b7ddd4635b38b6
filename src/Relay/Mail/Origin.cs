using System.Net;
using System.Text.Json.Serialization;

namespace Relay.Mail;

/// <summary>Who handed us a message, and how. It becomes the <c>Received:</c> header and stays in the status.</summary>
public sealed record Origin
{
    /// <summary>The protocol of the <c>with</c> clause: SMTP, ESMTP, ESMTPS, ESMTPSA, HTTP … (RFC 3848), or <c>local</c> for mail that Relay itself writes.</summary>
    public required string Protocol { get; init; }

    /// <summary>The client's address; null where it is not known or there was no client.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>What the client called itself in HELO or EHLO.</summary>
    public string? Helo { get; init; }

    /// <summary>The session that carried it, as it stands in the log.</summary>
    public string? SessionId { get; init; }

    /// <summary>The account that the client was signed in as; null where it was not. For operators: no header names it.</summary>
    public string? Account { get; init; }

    /// <summary>Protocol and cipher suite, such as <c>TLSv1.3 TLS_AES_256_GCM_SHA384</c>; null without TLS.</summary>
    public string? Tls { get; init; }

    /// <summary>The client's commands were not quite the grammar, and were let pass.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Lenient { get; init; }

    /// <summary>
    /// The client was signed in or in a trusted network, or the mail is our own: whoever the reverse-path names is somebody that
    /// we may tell of a failure.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsMember { get; init; }

    /// <summary>
    /// The address whose mail this is, where Relay has sent it on to others as a message of its own; null for all else. Who handed
    /// the mail in is told as of the message before. For operators: no header names it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? ForwardedFor { get; init; }

    /// <summary>
    /// Relay has sent the mail on, and the reverse-path may be forged: neither has SPF passed for it nor has a member handed the
    /// message in. No DSN may go there.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SenderMayBeForged { get; init; }

    /// <summary>Relay itself has written the mail, or has sent it on.</summary>
    [JsonIgnore]
    public bool IsOwn => Protocol == Local.Protocol || ForwardedFor is not null;

    /// <summary>Mail that Relay itself writes, such as a DSN.</summary>
    [JsonIgnore]
    public static Origin Local { get; } = new() { Protocol = "local", IsMember = true };

    /// <summary>
    /// The text of an address; an IPv4 address that came in over an IPv6 socket is shown as IPv4, and without the scope, which
    /// means nothing elsewhere.
    /// </summary>
    public static string Text(IPAddress address) =>
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes())).ToString();
}
