using Relay.Checks.Dkim;
using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>The keys that the domain signs with (RFC 6376 §3.6). DNS does not list selectors: they must be known, or guessed.</summary>
internal sealed class DkimInspection(IDnsResolver dns)
{
    /// <summary>Selectors that are looked for.</summary>
    private const int MaxSelectors = 32;

    /// <summary>Bits of an RSA key that signers should have (RFC 8301 §3.2).</summary>
    private const int GoodRsaBits = 2048;

    private static readonly string[] Usual =
        ["default", "dkim", "mail", "relay", "selector1", "selector2", "s1", "s2", "k1", "k2", "key1", "key2", "google"];

    private readonly DomainFindings findings = new("dkim");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, IReadOnlyList<string> selectors, CancellationToken cancel)
    {
        var isGuess = selectors.Count == 0;
        var keys = new DkimKeys(dns, TimeProvider.System, Timeout.InfiniteTimeSpan);
        foreach (var selector in (isGuess ? Usual : selectors).Take(MaxSelectors))
        {
            var answer = await keys.FindAsync(selector, domain, cancel);
            if (answer.Keys.Count > 0)
            {
                Judge(selector, answer.Keys);
            }
            else if (answer.Fault.Outcome == DkimOutcome.TempError)
            {
                findings.NoAnswer($"the key {selector}", null);
            }
            else if (!isGuess)
            {
                findings.Change(
                    $"{selector}: {answer.Fault.Cause}", $"publish the key as a TXT record at {DkimKeys.NameOf(selector, domain)}, or sign with another");
            }
        }

        if (isGuess && findings.All.Count == 0)
        {
            findings.Better("no key by any of the usual names", "name the selectors that you sign with by --selector; without DKIM, forwarded mail fails DMARC");
        }

        return findings.All;
    }

    private void Judge(string selector, IReadOnlyList<DkimKeyRecord> keys)
    {
        if (keys.Count > 1)
        {
            findings.Change($"{selector}: several keys at one name, of which any may be taken", "leave one");
            return;
        }

        var key = keys[0];
        if (key.PublicKey.Length == 0)
        {
            findings.Better($"{selector}: the key has been revoked", "sign with it no more; once no mail of it is on its way, remove the record");
        }
        else if (!key.AllowsMail || !key.AllowsSha256)
        {
            findings.Change($"{selector}: the key is {(key.AllowsMail ? "not for SHA-256" : "not for mail")}", "take s= and h= out of the record");
        }
        else if (key.KeyType == DkimKeyRecord.Ed25519)
        {
            JudgeEd25519(selector, key);
        }
        else
        {
            JudgeRsa(selector, key);
        }

        if (key.IsTest)
        {
            findings.Better($"{selector}: the record says that DKIM is only being tried (t=y)", "take y out of t= when it works");
        }
    }

    private void JudgeEd25519(string selector, DkimKeyRecord key)
    {
        if (key.PublicKey.Length == 32)
        {
            findings.Right($"{selector}: an Ed25519 key; sign with an RSA key too, for those who do not know it yet");
        }
        else
        {
            findings.Change($"{selector}: the Ed25519 key does not have 32 octets", "publish the key anew");
        }
    }

    private void JudgeRsa(string selector, DkimKeyRecord key)
    {
        switch (key.KeyType == DkimKeyRecord.Rsa ? RsaBits(key.PublicKey) : null)
        {
            case null:
                findings.Change($"{selector}: the key cannot be used, its type or its data is not known", "publish the key anew");
                break;
            case < SignatureVerifier.MinRsaBits and var bits:
                findings.Change($"{selector}: an RSA key of {bits} bits, which nobody takes", "make one of 2048 bits");
                break;
            case < GoodRsaBits and var bits:
                findings.Better($"{selector}: an RSA key of {bits} bits", "make one of 2048 bits");
                break;
            case var bits:
                findings.Right($"{selector}: an RSA key of {bits} bits");
                break;
        }
    }

    private static int? RsaBits(byte[] publicKey) => RsaPublicKey.TryRead(publicKey, out var key) ? key.Bits() : null;
}
