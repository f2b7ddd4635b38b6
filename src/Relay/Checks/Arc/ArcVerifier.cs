using Relay.Checks.Dkim;
using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>
/// Verifies the chain of a message (RFC 8617 §5.2) on the octets that came. Keys are asked for one after another and only while
/// all holds, so that nobody can have many asked for by naming them. The body is read once, and only when all else holds.
/// </summary>
internal sealed class ArcVerifier(IDnsResolver dns, TimeProvider time)
{
    /// <summary>Questions to DNS for one chain; one that needs more fails.</summary>
    public const int MaxKeys = 20;

    private readonly DkimVerifier signatures = new(dns, time, Timeout.InfiniteTimeSpan);

    /// <summary>Verifies it.</summary>
    /// <param name="content">Seekable; its position is of no matter before and after.</param>
    public async ValueTask<ArcChain> VerifyAsync(MessageHeader header, Stream content, CancellationToken cancel)
    {
        var fields = ArcFields.Read(header);
        if (fields.IsEmpty)
        {
            return new ArcChain(ArcStatus.None);
        }

        if (fields.Fault is { } fault)
        {
            return new ArcChain(ArcStatus.Fail, fault);
        }

        var keys = new DkimKeys(dns, time, Timeout.InfiniteTimeSpan, MaxKeys);
        var chain = await VerifyAsync(fields.Sets, keys, header, content, cancel);
        return chain with { Lookups = keys.Lookups };
    }

    private async ValueTask<ArcChain> VerifyAsync(
        IReadOnlyList<ArcSet> sets, DkimKeys keys, MessageHeader header, Stream content, CancellationToken cancel)
    {
        var signed = new SignedFields(header);
        var newest = await VerifyHeaderAsync(sets[^1], keys, signed, header, cancel);
        if (!newest.IsOpen)
        {
            return Failed(ArcSet.SignatureName, sets.Count, newest.Verdict!.Value);
        }

        for (var i = sets.Count - 1; i >= 0; i--)
        {
            if (await VerifySealAsync(sets, i, keys, cancel) is { IsPass: false } verdict)
            {
                return Failed(ArcSet.SealName, sets[i].Instance, verdict);
            }
        }

        List<DkimResult> open = [newest];
        for (var i = sets.Count - 2; i >= 0 && open[^1].IsOpen; i--)
        {
            open.Add(await VerifyHeaderAsync(sets[i], keys, signed, header, cancel));
        }

        await DkimVerifier.VerifyBodyAsync([.. open.Where(result => result.IsOpen)], header, content, cancel);
        return newest.Verdict is { IsPass: false } broken
            ? Failed(ArcSet.SignatureName, sets.Count, broken)
            : new ArcChain(ArcStatus.Pass) { Hops = [.. sets.Select(HopOf)], OldestPass = OldestPass(open, sets.Count) };
    }

    /// <summary>The signature of a message over its header; still open where that holds and the body is yet to be looked at.</summary>
    private async ValueTask<DkimResult> VerifyHeaderAsync(
        ArcSet set, DkimKeys keys, SignedFields signed, MessageHeader header, CancellationToken cancel)
    {
        var signature = DkimSignature.ParseArc(set.Signature, out var tags, out var fault);
        var result = new DkimResult(tags, signature) { Verdict = signature is null ? fault : signatures.Judge(header, signature) };
        if (result.IsOpen && signature!.Signs(ArcSet.SealName))
        {
            // RFC 8617 §4.1.2. Other fields of ARC must not be signed either, and were by the first who sealed.
            result.Verdict = new SignatureVerdict(DkimOutcome.PermError, "a seal is signed");
        }

        if (result.IsOpen)
        {
            await DkimVerifier.FindKeysAsync([result], keys, cancel);
        }

        if (result.IsOpen)
        {
            DkimVerifier.VerifyHeader(result, signed);
        }

        return result;
    }

    private static async ValueTask<SignatureVerdict> VerifySealAsync(
        IReadOnlyList<ArcSet> sets, int index, DkimKeys keys, CancellationToken cancel)
    {
        var set = sets[index];
        if (set.Seal.Algorithm == SignatureAlgorithm.RsaSha1)
        {
            return new SignatureVerdict(DkimOutcome.Policy, "SHA-1 is not safe");
        }

        var answer = await keys.FindAsync(set.Seal.Selector, set.Seal.Domain, cancel);
        var verdict = answer.Fault;
        byte[]? hash = null;
        foreach (var key in answer.Keys)
        {
            verdict = key.Fits(set.Seal.Algorithm);
            if (verdict.IsPass)
            {
                hash ??= ArcSeal.Hash(sets.Take(index), set.Results, set.Signature, set.Seal.Field);
                verdict = SignatureVerifier.Verify(key, hash, set.Seal.Signature);
            }

            if (verdict.IsPass)
            {
                break;
            }
        }

        return verdict;
    }

    /// <summary>The lowest instance down to which every signature holds; 0 when all do.</summary>
    /// <param name="results">From the newest down.</param>
    private static int OldestPass(List<DkimResult> results, int newest)
    {
        var passed = results.TakeWhile(result => result.Outcome == DkimOutcome.Pass).Count();
        return passed == newest ? 0 : newest - passed + 1;
    }

    private static ArcHop HopOf(ArcSet set)
    {
        var text = set.ResultsText.Trim();
        return new ArcHop(set.Seal.Domain, set.Seal.Selector, AuthenticationStatement.Read(text).Results)
        {
            Instance = set.Instance,
            Before = set.Seal.Status,
            Text = text,
        };
    }

    /// <summary>
    /// RFC 8617 §5.2.1 counts a key that DNS does not give as a failure for good. It is told apart here, so that a moment without
    /// DNS does not end a chain: we seal nothing then, and the next host can judge for itself.
    /// </summary>
    private static ArcChain Failed(string field, int instance, SignatureVerdict verdict) => new(
        verdict.Outcome == DkimOutcome.TempError ? ArcStatus.TempError : ArcStatus.Fail, $"{field} {instance}: {verdict.Cause}");
}
