using System.Buffers;
using System.Security.Cryptography;
using Relay.Checks.Dkim;
using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>An <c>ARC-Seal</c> as its field says it (RFC 8617 §4.1.3).</summary>
internal sealed record ArcSeal
{
    /// <summary>The field itself.</summary>
    public required HeaderField Field { get; init; }

    /// <summary><c>a=</c></summary>
    public required SignatureAlgorithm Algorithm { get; init; }

    /// <summary><c>d=</c>: who sealed, in A-labels and lower case.</summary>
    public required string Domain { get; init; }

    /// <summary><c>s=</c>: with which of its keys, in A-labels and lower case.</summary>
    public required string Selector { get; init; }

    /// <summary><c>b=</c></summary>
    public required byte[] Signature { get; init; }

    /// <summary><c>cv=</c>: what the chain had come to when it was sealed.</summary>
    public required ArcStatus Status { get; init; }

    /// <summary>Reads a seal; null with the cause where it is wrong.</summary>
    public static ArcSeal? Read(HeaderField field, out string? fault)
    {
        fault = null;
        if (!TagList.TryParse(field, out var tags))
        {
            return Fail("is not a list of tags", out fault);
        }

        if (tags["h"] is not null)
        {
            return Fail("has h=, which it must not", out fault);
        }

        if (tags["a"] is not { } word || SignatureAlgorithms.Find(word) is not { } algorithm)
        {
            return Fail("has an a= that is not known", out fault);
        }

        if (!tags.TryBase64("b", out var signature) || signature.Length == 0)
        {
            return Fail("has a b= that is not base64", out fault);
        }

        if (tags["d"] is not { } d || !DomainName.TryToHost(d, out var domain) ||
            tags["s"] is not { } s || !DomainName.TryToHost(s, out var selector))
        {
            return Fail("has a d= or s= that is not a name", out fault);
        }

        if (!DkimSignature.TryNumber(tags["t"], out _))
        {
            return Fail("has a t= that is not a number", out fault);
        }

        if (StatusOf(tags) is not { } status)
        {
            return Fail("has a cv= that is not known", out fault);
        }

        return new ArcSeal
        {
            Field = field,
            Algorithm = algorithm,
            Domain = domain,
            Selector = selector,
            Signature = signature,
            Status = status,
        };
    }

    /// <summary>What <c>cv=</c> says; null for what it may not say.</summary>
    public static ArcStatus? StatusOf(TagList tags) => tags["cv"]?.ToLowerInvariant() switch
    {
        "none" => ArcStatus.None,
        "pass" => ArcStatus.Pass,
        "fail" => ArcStatus.Fail,
        _ => null,
    };

    /// <summary>The hash that a seal is made of (RFC 8617 §5.1.1): all sets in their order, the last one of which it belongs to.</summary>
    /// <param name="before">The sets before its own; none where the chain has failed (RFC 8617 §5.1.2).</param>
    /// <param name="results">The results of its own set.</param>
    /// <param name="signature">The signature of its own set.</param>
    /// <param name="seal">What <c>b=</c> says in it does not count.</param>
    public static byte[] Hash(IEnumerable<ArcSet> before, HeaderField results, HeaderField signature, HeaderField seal)
    {
        var signed = new ArrayBufferWriter<byte>(4096);
        foreach (var set in before)
        {
            Write(set.Results);
            Write(set.Signature);
            Write(set.Seal.Field);
        }

        Write(results);
        Write(signature);
        HeaderCanonicalizer.WriteSignature(signed, seal, Canonicalization.Relaxed);
        return SHA256.HashData(signed.WrittenSpan);

        void Write(HeaderField field) => HeaderCanonicalizer.Write(signed, field, Canonicalization.Relaxed);
    }

    private static ArcSeal? Fail(string cause, out string? fault)
    {
        fault = $"{ArcSet.SealName} {cause}";
        return null;
    }
}
