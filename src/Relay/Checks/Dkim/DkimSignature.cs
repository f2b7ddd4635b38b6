using System.Globalization;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>A signature as its field says it: a <c>DKIM-Signature</c> (RFC 6376 §3.5), or an <c>ARC-Message-Signature</c>, which is nearly the same (RFC 8617 §4.1.2).</summary>
internal sealed record DkimSignature
{
    /// <summary>The name of the field.</summary>
    public const string FieldName = "DKIM-Signature";

    /// <summary>Names in <c>h=</c> at most: all that a <see cref="MessageHeader"/> may have, and some that it must not get.</summary>
    private const int MaxSignedFields = 2100;

    /// <summary>Characters of a time or a length (RFC 6376 §3.5).</summary>
    private const int MaxDigits = 76;

    /// <summary>The field itself.</summary>
    public required HeaderField Field { get; init; }

    /// <summary><c>a=</c></summary>
    public required SignatureAlgorithm Algorithm { get; init; }

    /// <summary><c>d=</c>: who signed, in A-labels and lower case.</summary>
    public required string Domain { get; init; }

    /// <summary><c>s=</c>: with which of its keys, in A-labels and lower case.</summary>
    public required string Selector { get; init; }

    /// <summary><c>b=</c></summary>
    public required byte[] Signature { get; init; }

    /// <summary><c>bh=</c></summary>
    public required byte[] BodyHash { get; init; }

    /// <summary><c>h=</c>: the names of the fields that are signed.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary><c>c=</c> for the header.</summary>
    public required Canonicalization HeaderForm { get; init; }

    /// <summary><c>c=</c> for the body.</summary>
    public required Canonicalization BodyForm { get; init; }

    /// <summary><c>l=</c>: how much of the body is signed; null for all of it.</summary>
    public long? Length { get; init; }

    /// <summary>The domain of <c>i=</c>, in A-labels: <see cref="Domain"/> or one below it. In ARC always the former.</summary>
    public required string IdentityDomain { get; init; }

    /// <summary><c>t=</c> in seconds since 1970.</summary>
    public long? SignedAt { get; init; }

    /// <summary><c>x=</c> in seconds since 1970.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>Whether a field is signed.</summary>
    public bool Signs(string name) => Names.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a <c>DKIM-Signature</c>; null with the verdict where it is wrong.</summary>
    /// <param name="tags">What it says; null where even that cannot be read.</param>
    public static DkimSignature? Parse(HeaderField field, out TagList? tags, out SignatureVerdict fault)
    {
        if (!TagList.TryParse(field, out tags))
        {
            return Fail("not a list of tags", out fault);
        }

        return tags["v"] == "1" ? Read(field, tags, tags["i"], out fault) : Fail("v= is not 1", out fault);
    }

    /// <summary>Reads an <c>ARC-Message-Signature</c>, whose <c>i=</c> is for the caller to read and which has no <c>v=</c>.</summary>
    public static DkimSignature? ParseArc(HeaderField field, out TagList? tags, out SignatureVerdict fault) =>
        TagList.TryParse(field, out tags) ? Read(field, tags, identity: null, out fault) : Fail("not a list of tags", out fault);

    /// <summary>Reads a time or a length; what is larger than any is the largest. False for what is neither absent nor a number.</summary>
    public static bool TryNumber(string? text, out long? value)
    {
        value = null;
        if (text is null)
        {
            return true;
        }

        if (text.Length is 0 or > MaxDigits || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        value = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        return true;
    }

    private static DkimSignature? Read(HeaderField field, TagList tags, string? identity, out SignatureVerdict fault)
    {
        if (tags["a"] is not { } word || SignatureAlgorithms.Find(word) is not { } algorithm)
        {
            return Fail("a= is not known", out fault);
        }

        if (!tags.TryBase64("b", out var signature) || signature.Length == 0)
        {
            return Fail("b= is not base64", out fault);
        }

        if (!tags.TryBase64("bh", out var bodyHash))
        {
            return Fail("bh= is not base64", out fault);
        }

        if (!TryForms(tags["c"], out var headerForm, out var bodyForm))
        {
            return Fail("c= is not known", out fault);
        }

        if (tags["d"] is not { } d || !DomainName.TryToHost(d, out var domain))
        {
            return Fail("d= is not a domain", out fault);
        }

        if (tags["s"] is not { } s || !DomainName.TryToHost(s, out var selector))
        {
            return Fail("s= is not a selector", out fault);
        }

        if (tags.List("h") is not { } names || names.Length > MaxSignedFields || !names.All(IsFieldName))
        {
            return Fail("h= is not a list of fields", out fault);
        }

        if (!TryNumber(tags["l"], out var length) || !TryNumber(tags["t"], out var signedAt) || !TryNumber(tags["x"], out var expiresAt))
        {
            return Fail("l=, t= or x= is not a number", out fault);
        }

        var identityDomain = domain;
        if (identity is not null && (identity.LastIndexOf('@') is var at && (at < 0 || !DomainName.TryToAscii(identity[(at + 1)..], out identityDomain))))
        {
            return Fail("i= has no domain", out fault);
        }

        if (!identityDomain!.Equals(domain, StringComparison.OrdinalIgnoreCase) &&
            !identityDomain.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase))
        {
            fault = new SignatureVerdict(DkimOutcome.PermError, "i= is not below d=");
            return null;
        }

        if (tags.List("q") is { } methods && !methods.Contains("dns/txt", StringComparer.OrdinalIgnoreCase))
        {
            fault = new SignatureVerdict(DkimOutcome.PermError, "q= is not known");
            return null;
        }

        fault = SignatureVerdict.Pass;
        return new DkimSignature
        {
            Field = field,
            Algorithm = algorithm,
            Domain = domain,
            Selector = selector,
            Signature = signature,
            BodyHash = bodyHash,
            Names = names,
            HeaderForm = headerForm,
            BodyForm = bodyForm,
            Length = length,
            IdentityDomain = identityDomain,
            SignedAt = signedAt,
            ExpiresAt = expiresAt,
        };
    }

    private static DkimSignature? Fail(string cause, out SignatureVerdict fault)
    {
        fault = new SignatureVerdict(DkimOutcome.Neutral, cause);
        return null;
    }

    private static bool IsFieldName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>The body is simple where only the header's form is given.</summary>
    private static bool TryForms(string? text, out Canonicalization header, out Canonicalization body)
    {
        body = Canonicalization.Simple;
        var parts = (text ?? "simple").Split('/');
        return TryForm(parts[0], out header) && (parts.Length == 1 || (parts.Length == 2 && TryForm(parts[1], out body)));
    }

    private static bool TryForm(string word, out Canonicalization form)
    {
        form = word.Equals("relaxed", StringComparison.OrdinalIgnoreCase) ? Canonicalization.Relaxed : Canonicalization.Simple;
        return form == Canonicalization.Relaxed || word.Equals("simple", StringComparison.OrdinalIgnoreCase);
    }
}
