using Relay.Mail;

namespace Relay.SmtpIngress;

/// <summary>A mail transaction that is being built up, from MAIL to DATA (RFC 5321 §3.3).</summary>
internal sealed class Transaction(ReversePath reversePath, BodyType body, bool smtpUtf8)
{
    /// <summary>SMTPUTF8 was asked for at MAIL.</summary>
    public bool SmtpUtf8 => smtpUtf8;

    /// <summary>Recipients taken so far.</summary>
    public List<ForwardPath> Recipients { get; } = [];

    /// <summary>What the transaction says when it is complete.</summary>
    public Envelope ToEnvelope() => new()
    {
        ReversePath = reversePath,
        Recipients = Recipients,
        Body = body,
        SmtpUtf8 = smtpUtf8,
    };
}
