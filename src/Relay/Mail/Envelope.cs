using System.Text.Json.Serialization;

namespace Relay.Mail;

/// <summary>
/// Where a message came from and goes to, as the SMTP session said it: apart from, and stronger than, its header
/// (RFC 5321 §2.3.1).
/// </summary>
public sealed record Envelope
{
    /// <summary>Who is told when delivery fails.</summary>
    public required ReversePath ReversePath { get; init; }

    /// <summary>Who gets the message. A recipient is known by its index in this list ever after.</summary>
    public required IReadOnlyList<ForwardPath> Recipients { get; init; }

    /// <summary>What the client said about the octets of the content (RFC 6152).</summary>
    public BodyType Body { get; init; }

    /// <summary>The client asked for SMTPUTF8: addresses or header may hold UTF-8 (RFC 6531 §3.4).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>RET: how much of the message a failure report is to hold; null when the client did not say (RFC 3461 §4.3).</summary>
    public DsnReturn? Return { get; init; }

    /// <summary>ENVID, decoded: what the sender knows this transaction by (RFC 3461 §4.4). Printable ASCII.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>REQUIRETLS: the message goes on only over TLS, to hosts that promise the same (RFC 8689).</summary>
    public bool RequireTls { get; init; }
}

/// <summary>The reverse-path of MAIL FROM: a mailbox, or null (<c>&lt;&gt;</c>) for mail that must never be bounced (RFC 5321 §4.5.5).</summary>
[JsonConverter(typeof(ReversePathJson))]
public sealed record ReversePath(Mailbox? Mailbox)
{
    /// <summary>The null reverse-path.</summary>
    public static ReversePath Null { get; } = new((Mailbox?)null);

    /// <summary>True for <c>&lt;&gt;</c>.</summary>
    [JsonIgnore]
    public bool IsNull => Mailbox is null;

    /// <summary>The address without brackets; empty for the null reverse-path.</summary>
    public override string ToString() => Mailbox?.ToString() ?? "";
}

/// <summary>
/// A forward-path of RCPT TO, with what the client asked for it. Source routes are gone: they are parsed and dropped at the
/// door (RFC 5321 §4.1.1.3). Two are equal when they ask for the same.
/// </summary>
[JsonConverter(typeof(ForwardPathJson))]
public sealed record ForwardPath(Mailbox Mailbox)
{
    /// <summary>NOTIFY: when the sender is to be told (RFC 3461 §4.1).</summary>
    public DsnNotify Notify { get; init; }

    /// <summary>ORCPT: the address that the sender used first; null when the client did not say (RFC 3461 §4.2).</summary>
    public OriginalRecipient? OriginalRecipient { get; init; }

    /// <summary>The address without brackets.</summary>
    public override string ToString() => Mailbox.ToString();
}

/// <summary>BODY= of MAIL (RFC 6152 §2; BINARYMIME is RFC 3030 §3).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BodyType>))]
public enum BodyType
{
    /// <summary>Not said, or <c>7BIT</c>.</summary>
    SevenBit,

    /// <summary><c>8BITMIME</c>: octets above 127 in lines of at most 998.</summary>
    EightBitMime,

    /// <summary><c>BINARYMIME</c>: any octets, lines or none; it goes by BDAT and never by DATA.</summary>
    BinaryMime,
}
