using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>
/// Verifies the signatures of a message (RFC 6376 §6) on the octets that came. The header is hashed once a signature, the body
/// once in all, and only for signatures that are right otherwise.
/// </summary>
/// <param name="patience">For one key.</param>
internal sealed class DkimVerifier(IDnsResolver dns, TimeProvider time, TimeSpan patience)
{
    /// <summary>Signatures that are looked at, from the top; the others count as if they were not there.</summary>
    public const int MaxSignatures = 10;

    /// <summary>How far the clock of a signer may be ahead of ours.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromHours(1);

    /// <summary>Verifies them.</summary>
    /// <param name="content">Seekable; its position is of no matter before and after.</param>
    public async ValueTask<DkimReport> VerifyAsync(MessageHeader header, Stream content, CancellationToken cancel)
    {
        var fields = header.Named(DkimSignature.FieldName).ToArray();
        var results = fields.Take(MaxSignatures).Select(field => Read(header, field)).ToArray();
        var keys = new DkimKeys(dns, time, patience);
        await FindKeysAsync(results, keys, cancel);
        var signed = new SignedFields(header);
        foreach (var result in results.Where(result => result.IsOpen))
        {
            VerifyHeader(result, signed);
        }

        await VerifyBodyAsync([.. results.Where(result => result.IsOpen)], header, content, cancel);
        return new DkimReport(results, fields.Length - results.Length, keys.Lookups);
    }

    private DkimResult Read(MessageHeader header, HeaderField field)
    {
        var signature = DkimSignature.Parse(field, out var tags, out var fault);
        return new DkimResult(tags, signature) { Verdict = signature is null ? fault : Judge(header, signature) };
    }

    /// <summary>What can be said of a signature without its key; null when it depends on that.</summary>
    public SignatureVerdict? Judge(MessageHeader header, DkimSignature signature)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return !header.IsWhole ? new SignatureVerdict(DkimOutcome.PermError, "the header is too long")
            : !signature.Signs("From") ? new(DkimOutcome.PermError, "From is not signed")
            : signature.Algorithm == SignatureAlgorithm.RsaSha1 ? new(DkimOutcome.Policy, "SHA-1 is not safe")
            : signature.ExpiresAt <= now ? new(DkimOutcome.Fail, "the signature has expired")
            : signature.ExpiresAt < signature.SignedAt ? new(DkimOutcome.Fail, "the signature expires before it was made")
            : signature.SignedAt > now + (long)MaxSkew.TotalSeconds ? new(DkimOutcome.Fail, "the signature was made in the future")
            : null;
    }

    /// <summary>Asks for the keys of signatures that are open.</summary>
    public static async ValueTask FindKeysAsync(DkimResult[] results, DkimKeys keys, CancellationToken cancel)
    {
        var asked = results.Where(result => result.IsOpen)
            .Select(result => (Result: result, Answer: keys.FindAsync(result.Signature!.Selector, result.Signature.Domain, cancel))).ToArray();
        await Task.WhenAll(asked.Select(pair => pair.Answer));
        foreach (var (result, answer) in asked)
        {
            result.Keys = (await answer).Keys;
            result.Verdict = (await answer).Fault is { IsPass: false } fault ? fault : null;
        }
    }

    /// <summary>Several keys may stand at one name; one that is right will do (RFC 6376 §6.1.2).</summary>
    public static void VerifyHeader(DkimResult result, SignedFields signed)
    {
        var signature = result.Signature!;
        byte[]? hash = null;
        foreach (var key in result.Keys)
        {
            var verdict = key.Fits(signature);
            if (verdict.IsPass)
            {
                hash ??= signed.Hash(signature.Names, signature.Field, signature.HeaderForm);
                verdict = SignatureVerifier.Verify(key, hash, signature.Signature);
            }

            result.IsTest = key.IsTest;
            if (verdict.IsPass)
            {
                result.Verdict = null;
                return;
            }

            result.Verdict = verdict;
        }
    }

    /// <summary>The rest of the way for signatures that are open.</summary>
    public static async ValueTask VerifyBodyAsync(DkimResult[] results, MessageHeader header, Stream content, CancellationToken cancel)
    {
        var hashes = await BodyHashes.ReadAsync(
            content, header.Length, results.Select(result => (result.Signature!.BodyForm, result.Signature.Length)), cancel);
        foreach (var result in results)
        {
            var (form, length) = (result.Signature!.BodyForm, result.Signature.Length);
            var hash = hashes.Of(form, length);
            result.Verdict = hash is null ? new SignatureVerdict(DkimOutcome.Fail, "the body is shorter than l=")
                : !hash.AsSpan().SequenceEqual(result.Signature.BodyHash) ? new(DkimOutcome.Fail, "the body is not the one that was signed")
                : !hashes.IsWhole(form, length) ? new(DkimOutcome.Policy, "l= leaves the end of the body unsigned")
                : SignatureVerdict.Pass;
            result.IsRight = hash is not null && result.Verdict?.Outcome != DkimOutcome.Fail;
        }
    }
}
