using MimeKit;
using Relay.Mail;
using Relay.Routing;

namespace Relay.Transport.Acs;

/// <summary>
/// From a message to a request of the service, or to what in it the service cannot carry without loss; <c>docs/routes.md</c> has
/// the whole table. What it cannot carry is never left out in silence.
/// </summary>
internal static class MimeToAcs
{
    /// <summary>Octets of one request, JSON and all.</summary>
    public const int MaxRequest = 10 * 1024 * 1024;

    /// <summary>No encoding of mail shrinks to less than a third: what is larger than this is not even read.</summary>
    private const int MaxContent = 30 * 1024 * 1024;

    /// <summary>Multiparts inside of each other.</summary>
    private const int MaxDepth = 32;

    /// <summary>The mail, or why there is none.</summary>
    public static async Task<(AcsMail? Mail, string? Refusal)> MapAsync(DeliveryRequest request, AcsRoute route, CancellationToken cancel)
    {
        if (RefusedUnread(request) is { } refusal)
        {
            return (null, refusal);
        }

        var options = ParserOptions.Default.Clone();
        options.MaxMimeDepth = MaxDepth;
        try
        {
            await MimeLimits.CheckAsync(options, request.Content, cancel);
            using var message = await MimeMessage.LoadAsync(options, request.Content, persistent: true, cancel);
            return Map(message, route);
        }
        catch (FormatException e)
        {
            return (null, $"it cannot be read: {e.Message}");
        }
    }

    private static string? RefusedUnread(DeliveryRequest request)
    {
        var envelope = request.Envelope;
        return envelope switch
        {
            { ReversePath.IsNull: true } => "it has the null reverse-path, and the service always sends from an address",
            { RequireTls: true } => "it asks for REQUIRETLS, which the service does not know",
            _ => request.Content.Length > MaxContent ? TooLarge : null,
        };
    }

    /// <summary>Of the whole request.</summary>
    public const string TooLarge = "it is larger than the 10 MB that a request may have";

    private static (AcsMail? Mail, string? Refusal) Map(MimeMessage message, AcsRoute route)
    {
        var fields = new AcsFields(message, route);
        var parts = new AcsParts();
        if ((fields.Read() ?? parts.Read(message.Body)) is { } refusal)
        {
            return (null, refusal);
        }

        return (new AcsMail
        {
            Sender = fields.Sender,
            Content = new AcsContent(fields.Subject, parts.PlainText, parts.Html),
            Named = fields.Named,
            ReplyTo = fields.ReplyTo.Count > 0 ? fields.ReplyTo : null,
            Headers = fields.Others.Count > 0 ? fields.Others : null,
            Attachments = parts.Attachments.Count > 0 ? parts.Attachments : null,
        }, null);
    }

    /// <summary>An address as the service takes it: ASCII, with the domain in A-labels. Null where there is no such spelling.</summary>
    public static Mailbox? ToAscii(Mailbox mailbox) =>
        !mailbox.HasAddressLiteral && DomainName.TryToAscii(mailbox.Domain, out var domain) &&
        (mailbox with { Domain = domain }) is { IsAscii: true } ascii
            ? ascii
            : null;
}
