using Relay.Certificates;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Options;

namespace Relay.Signing;

/// <summary>
/// Signs mail for its sender's domain (RFC 6376 §5). The message is not touched: its signatures are fields to be put in front of it.
/// </summary>
public sealed class DkimSigner
{
    /// <summary>How long a signature holds: longer than a message may wait in queues on its way.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    private readonly ILookup<string, SigningKey> keys;
    private readonly TimeProvider time;

    /// <param name="keys">One, or one of each algorithm, for a domain; each makes a signature.</param>
    public DkimSigner(IReadOnlyList<SigningKey> keys, TimeProvider time)
    {
        this.keys = keys.ToLookup(key => key.Domain, StringComparer.OrdinalIgnoreCase);
        this.time = time;
        Keys = keys;
    }

    /// <summary>Signs nothing.</summary>
    public static DkimSigner None { get; } = new([], TimeProvider.System);

    /// <summary>All keys, in the order of the configuration.</summary>
    public IReadOnlyList<SigningKey> Keys { get; }

    /// <summary>Reads all keys.</summary>
    /// <exception cref="SigningKeyException">One cannot be had; the message says which, and what to do.</exception>
    public static Task<DkimSigner> OpenAsync(IReadOnlyList<DkimOptions> options, TimeProvider time, CancellationToken cancel) =>
        OpenAsync(options, time, vault: null, cancel);

    /// <summary>The same with another way to the vaults.</summary>
    internal static async Task<DkimSigner> OpenAsync(
        IReadOnlyList<DkimOptions> options, TimeProvider time, VaultAccess? vault, CancellationToken cancel)
    {
        var keys = new List<SigningKey>();
        foreach (var item in options)
        {
            var key = await SigningKeySource.ReadAsync(item, () => vault ??= VaultAccess.OfThisProcess(), time, cancel);
            if (keys.Any(other => other.Domain.Equals(key.Domain, StringComparison.OrdinalIgnoreCase) && other.Algorithm == key.Algorithm))
            {
                throw new SigningKeyException(
                    item.KeyFile ?? $"{item.KeyVault}", $"{key.Domain} has another {key.Algorithm.KeyType()} key already. Leave one of them out of Dkim in the configuration.");
            }

            keys.Add(key);
        }

        return new DkimSigner(keys, time);
    }

    /// <summary>Whether there is a key for the author of this message.</summary>
    public bool Signs(MessageHeader header) => Keys.Count > 0 && KeysFor(header).Any();

    /// <summary>
    /// The <c>DKIM-Signature:</c> fields of a message, each with its line end; empty where there is no key for its author, or not
    /// exactly one author.
    /// </summary>
    /// <param name="header">The header of the content.</param>
    /// <param name="content">The whole content, exactly as it leaves behind these fields. Seekable; its position is of no matter before and after.</param>
    public async ValueTask<byte[]> SignAsync(MessageHeader header, Stream content, CancellationToken cancel)
    {
        if (Keys.Count == 0 || KeysFor(header).ToArray() is not { Length: > 0 } mine)
        {
            return [];
        }

        var hashes = await BodyHashes.ReadAsync(content, header.Length, [(Canonicalization.Relaxed, null)], cancel);
        var bodyHash = Convert.ToBase64String(hashes.Of(Canonicalization.Relaxed, null)!);
        var fields = new SignedFields(header);
        var names = SignedNames.Of(header);
        return [.. mine.SelectMany(key => Sign(key, fields, names, bodyHash))];
    }

    private byte[] Sign(SigningKey key, SignedFields fields, IReadOnlyList<string> names, string bodyHash)
    {
        var now = time.GetUtcNow();
        var text = new SignatureText(DkimSignature.FieldName)
            .Add("v", "1").Add("a", key.AlgorithmName).Add("c", "relaxed/relaxed").Add("d", key.Domain).Add("s", key.Selector)
            .Add("t", $"{now.ToUnixTimeSeconds()}").Add("x", $"{(now + Lifetime).ToUnixTimeSeconds()}")
            .AddList("h", names).Add("bh", bodyHash);
        // It stands in front of all others, in no place of the message yet.
        return text.Signed(key.Sign(fields.Hash(names, new HeaderField(text.Unsigned(), Offset: -1), Canonicalization.Relaxed)));
    }

    /// <summary>The keys of the author's domain, or of the nearest domain above it that has some: such a signature is aligned for DMARC unless the domain asks for strictness.</summary>
    private IEnumerable<SigningKey> KeysFor(MessageHeader header)
    {
        for (var domain = (header.IsWhole ? AuthorDomain.Of(header, out _) : null); domain is not null;)
        {
            if (keys.Contains(domain))
            {
                return keys[domain];
            }

            var dot = domain.IndexOf('.');
            domain = dot < 0 ? null : domain[(dot + 1)..];
        }

        return [];
    }
}
