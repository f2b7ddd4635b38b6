using System.Text;
using MimeKit;

namespace Relay.Transport.Acs;

/// <summary>
/// The body of a message as the service knows bodies: one text, in plain and in HTML, with files and inline images. Any other
/// structure is refused.
/// </summary>
internal sealed class AcsParts
{
    private readonly List<AcsAttachment> attachments = [];
    private readonly HashSet<string> contentIds = new(StringComparer.Ordinal);

    /// <summary>The text as such.</summary>
    public string? PlainText { get; private set; }

    /// <summary>The text in HTML.</summary>
    public string? Html { get; private set; }

    /// <summary>Files and inline images, in their order.</summary>
    public IReadOnlyList<AcsAttachment> Attachments => attachments;

    /// <summary>Null, or what cannot be carried.</summary>
    public string? Read(MimeEntity? body) => body is null ? "it has no body" : Body(body);

    private string? Body(MimeEntity body) => body switch
    {
        Multipart multipart => Subtype(multipart) switch
        {
            "mixed" => Mixed(multipart),
            "alternative" => Alternative(multipart),
            "related" => Related(multipart),
            _ => NotCarried(multipart),
        },
        TextPart text when IsBody(text) => Text(text),
        _ => IsCarried(body) ? "it has no text, which the service asks for" : NotCarried(body),
    };

    /// <summary>The text, then files.</summary>
    private string? Mixed(Multipart mixed)
    {
        if (mixed.Count == 0)
        {
            return "its multipart/mixed is empty";
        }

        return Body(mixed[0]) ?? First(mixed.Skip(1), part => part is TextPart text && IsBody(text)
            ? $"it has a second {text.ContentType.MimeType} part in its text"
            : File(part, isInline: false));
    }

    /// <summary>Plain, then HTML: the last one is the best (RFC 2046 §5.1.4), and the service knows no other order.</summary>
    private string? Alternative(Multipart alternative)
    {
        if (alternative.Count == 0)
        {
            return "its multipart/alternative is empty";
        }

        return First(alternative, part => part switch
        {
            TextPart text when IsBody(text) => Text(text),
            Multipart related when Subtype(related) == "related" => Related(related),
            _ => $"one of its alternatives is {Shown(part)}",
        });
    }

    /// <summary>HTML, perhaps with plain text beside it, then what it shows.</summary>
    private string? Related(Multipart related)
    {
        if (related.Count == 0)
        {
            return "its multipart/related is empty";
        }

        var root = related[0];
        if (related.ContentType.Parameters["start"] is { Length: > 0 } start && start.Trim('<', '>') != root.ContentId)
        {
            return "its multipart/related does not begin with its root";
        }

        var refusal = root switch
        {
            TextPart text when IsBody(text) && Subtype(text) == "html" => Text(text),
            Multipart alternative when Subtype(alternative) == "alternative" => Alternative(alternative),
            _ => $"the root of its multipart/related is {Shown(root)}",
        };
        return refusal ?? First(related.Skip(1), part => File(part, isInline: true));
    }

    private string? Text(TextPart text)
    {
        var isHtml = Subtype(text) == "html";
        if ((isHtml ? Html : PlainText) is not null)
        {
            return $"it has more than one {text.ContentType.MimeType} text";
        }

        if (!isHtml && Html is not null)
        {
            return "its plain text stands behind its HTML, as the better one";
        }

        if (string.Equals(text.ContentType.Parameters["delsp"], "yes", StringComparison.OrdinalIgnoreCase))
        {
            return "its text is flowed with DelSp (RFC 3676)";
        }

        if (Decode(text) is not { } value)
        {
            return $"its {text.ContentType.MimeType} text is not in the charset that it names";
        }

        (PlainText, Html) = isHtml ? (PlainText, value) : (value, Html);
        return null;
    }

    private string? File(MimeEntity entity, bool isInline)
    {
        if (entity is not MimePart { Content: { } content } part || !IsCarried(part))
        {
            return NotCarried(entity);
        }

        if (!HasKnownEncoding(part))
        {
            return "a part has an unknown Content-Transfer-Encoding";
        }

        if (isInline && part.ContentId is null)
        {
            return "a part of its multipart/related has no Content-ID";
        }

        if (isInline && !contentIds.Add(part.ContentId!))
        {
            return "two of its parts have the same Content-ID";
        }

        using var octets = new MemoryStream();
        content.DecodeTo(octets);
        attachments.Add(new AcsAttachment(
            NameOf(part), part.ContentType.MimeType, octets.ToArray(), isInline ? part.ContentId : null));
        return null;
    }

    /// <summary>The text without loss; null where octets are none in its charset.</summary>
    private static string? Decode(TextPart text)
    {
        if (!HasKnownEncoding(text) || text.Content is not { } content)
        {
            return null;
        }

        var charset = text.ContentType.Charset is { Length: > 0 } ? text.ContentType.CharsetEncoding : Encoding.ASCII;
        if (charset is null)
        {
            return null;
        }

        using var octets = new MemoryStream();
        content.DecodeTo(octets);
        var strict = (Encoding)charset.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            return strict.GetString(octets.GetBuffer(), 0, (int)octets.Length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>What is read as the text, and not offered as a file.</summary>
    private static bool IsBody(TextPart text) =>
        Subtype(text) is "plain" or "html" && !text.IsAttachment && text.FileName is null;

    /// <summary>Leaves that are a file to everybody. A type that tells the reader what to do with the message is more than that.</summary>
    private static bool IsCarried(MimeEntity entity) =>
        entity is MimePart part && part.ContentType.MediaType.ToLowerInvariant() is not ("message" or "multipart") &&
        part.ContentType.MimeType.ToLowerInvariant() is not ("application/pkcs7-mime" or "application/x-pkcs7-mime" or
            "application/pkcs7-signature" or "application/x-pkcs7-signature" or "application/pgp-encrypted" or "application/pgp-signature") &&
        !(Subtype(part) == "calendar" && part.ContentType.Parameters["method"] is not null);

    private static bool HasKnownEncoding(MimePart part) =>
        part.ContentTransferEncoding != ContentEncoding.Default || part.Headers[HeaderId.ContentTransferEncoding] is null;

    private static string NotCarried(MimeEntity entity) => Subtype(entity) switch
    {
        "signed" or "pkcs7-signature" or "x-pkcs7-signature" or "pgp-signature" => $"it is signed ({Shown(entity)})",
        "encrypted" or "pkcs7-mime" or "x-pkcs7-mime" or "pgp-encrypted" => $"it is encrypted or signed ({Shown(entity)})",
        "report" => "it is a report, such as a DSN (multipart/report)",
        "calendar" => "it is an invitation (text/calendar)",
        _ => $"it has a part of {Shown(entity)}",
    };

    /// <summary>The service asks for a name; one that is made up hides nothing.</summary>
    private string NameOf(MimePart part)
    {
        if (part.FileName is { Length: > 0 } name)
        {
            return string.Concat(name.Where(c => !char.IsControl(c)));
        }

        var extension = MimeTypes.TryGetExtension(part.ContentType.MimeType, out var known) ? known : ".bin";
        return $"attachment-{attachments.Count + 1}{extension}";
    }

    private static string Subtype(MimeEntity entity) => entity.ContentType.MediaSubtype.ToLowerInvariant();

    private static string Shown(MimeEntity entity) =>
        string.Concat(entity.ContentType.MimeType.Take(60).Select(c => c is > ' ' and < '\u007f' ? c : '?'));

    private static string? First(IEnumerable<MimeEntity> parts, Func<MimeEntity, string?> read) =>
        parts.Select(read).FirstOrDefault(refusal => refusal is not null);
}
