namespace Relay.Mail;

/// <summary>
/// What the first octets of a content become: header fields are put in front of it, and a forged field may be taken out. The
/// octets behind are never touched.
/// </summary>
/// <param name="Length">Octets of the content that it stands in place of; 0 puts it in front of all.</param>
/// <param name="Octets">What stands there from now on.</param>
public sealed record ContentHead(int Length, ReadOnlyMemory<byte> Octets)
{
    /// <summary>By how many octets the content becomes longer.</summary>
    public int Growth => Octets.Length - Length;

    /// <summary>Both as one, when <paramref name="next"/> is for what this one has made of the content.</summary>
    public ContentHead Then(ContentHead next) => next.Length <= Octets.Length
        ? new ContentHead(Length, (byte[])[.. next.Octets.Span, .. Octets.Span[next.Length..]])
        : new ContentHead(checked(Length + next.Length - Octets.Length), next.Octets);
}
