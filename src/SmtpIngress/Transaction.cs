using Relay.Mail;
using Relay.Routing;
using Relay.SmtpIngress.Grammar;
using Relay.SmtpIngress.Phases;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>A mail transaction that is being built up, from MAIL to the end of its content (RFC 5321 §3.3).</summary>
internal sealed class Transaction(ReversePath reversePath, MailParameters parameters)
{
    /// <summary>Who the mail is from.</summary>
    public ReversePath ReversePath => reversePath;

    /// <summary>SMTPUTF8 was asked for at MAIL.</summary>
    public bool SmtpUtf8 => parameters.SmtpUtf8;

    /// <summary>BODY of MAIL.</summary>
    public BodyType Body => parameters.Body;

    /// <summary>Recipients taken so far.</summary>
    public List<ForwardPath> Recipients { get; } = [];

    /// <summary>The content, once it has begun to come.</summary>
    public IncomingMessage? Message { get; set; }

    /// <summary>What has become of the chunks so far; null before the first BDAT.</summary>
    public ChunkReader? Chunks { get; set; }

    /// <summary>How fast the chunks must come; null before the first BDAT.</summary>
    public ContentPace? Pace { get; set; }

    /// <summary>What is known of the message for one of its recipients: of the size what the client says of it, of the header nothing.</summary>
    public RouteQuery QueryOf(Mailbox recipient, Client client) => new(recipient)
    {
        Sender = reversePath,
        Account = client.Account?.Name,
        Size = parameters.Size > 0 ? (long)parameters.Size : null,
    };

    /// <summary>What the transaction says when it is complete.</summary>
    public Envelope ToEnvelope() => new()
    {
        ReversePath = reversePath,
        Recipients = Recipients,
        Body = parameters.Body,
        SmtpUtf8 = parameters.SmtpUtf8,
        Return = parameters.Return,
        EnvelopeId = parameters.EnvelopeId,
        RequireTls = parameters.RequireTls,
    };
}
