using Relay.Mail;

namespace Relay.Transport.Acs;

/// <summary>A message in the words of the service, before it is known whom one request is for.</summary>
internal sealed record AcsMail
{
    /// <summary>The author's bare address.</summary>
    public required string Sender { get; init; }

    /// <summary>The subject and the text.</summary>
    public required AcsContent Content { get; init; }

    /// <summary>Whom To and Cc name, in their order.</summary>
    public required IReadOnlyList<AcsNamed> Named { get; init; }

    /// <summary>Where answers go.</summary>
    public IReadOnlyList<AcsAddress>? ReplyTo { get; init; }

    /// <summary>Further header fields.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Files and inline images.</summary>
    public IReadOnlyList<AcsAttachment>? Attachments { get; init; }

    /// <summary>The request for some recipients.</summary>
    public AcsEmail For(AcsRecipientLists recipients) => new()
    {
        SenderAddress = Sender,
        Content = Content,
        Recipients = recipients,
        ReplyTo = ReplyTo,
        Headers = Headers,
        Attachments = Attachments,
    };
}

/// <summary>Somebody whom To or Cc names.</summary>
/// <param name="Mailbox">The address, its domain in A-labels.</param>
/// <param name="Name">The name before it.</param>
/// <param name="IsCc">It stands in Cc.</param>
internal sealed record AcsNamed(Mailbox Mailbox, string? Name, bool IsCc);
