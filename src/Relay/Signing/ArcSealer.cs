using System.Text;
using Relay.Certificates;
using Relay.Checks.Arc;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Options;

namespace Relay.Signing;

/// <summary>
/// Seals mail that goes on (RFC 8617 §5.1), so that hosts after us can see what our checks had found. The message is not touched:
/// the set is three fields to be put in front of it, last of all, when nothing else of it will change.
/// </summary>
public sealed class ArcSealer
{
    private readonly SigningKey? key;
    private readonly string hostName;
    private readonly TimeProvider time;

    /// <param name="key">An RSA key: RFC 8617 knows no other.</param>
    /// <param name="hostName">The name of this relay, as the results of its checks bear it.</param>
    public ArcSealer(SigningKey key, string hostName, TimeProvider time)
        : this(hostName, time)
    {
        if (key.Algorithm != SignatureAlgorithm.RsaSha256)
        {
            throw new SigningKeyException(
                key.RecordName, "it is an Ed25519 key, and seals of ARC are made with RSA (RFC 8617). Make an RSA key: relay domain dkim DOMAIN.");
        }

        this.key = key;
    }

    private ArcSealer(string hostName, TimeProvider time) => (this.hostName, this.time) = (hostName, time);

    /// <summary>Seals nothing.</summary>
    public static ArcSealer None { get; } = new("", TimeProvider.System);

    /// <summary>Whether there is a key to seal with.</summary>
    public bool Seals => key is not null;

    /// <summary>The names in <c>h=</c>, where they are not to be chosen.</summary>
    internal IReadOnlyList<string>? Names { get; init; }

    /// <summary>
    /// How a field is written. RFC 8617 §4.1 wants the instance first; the signing suite is older than that, and has another order
    /// under its signatures.
    /// </summary>
    internal TagWriter Writer { get; init; } = Write;

    /// <summary>Reads the key; a sealer of nothing where there is no domain to seal for.</summary>
    /// <exception cref="SigningKeyException">It cannot be had, or is of no use; the message says what to do.</exception>
    public static async Task<ArcSealer> OpenAsync(ArcOptions options, string hostName, TimeProvider time, CancellationToken cancel)
    {
        if (options is not { Domain: { } domain, Selector: { } selector })
        {
            return None;
        }

        var source = new DkimOptions { Domain = domain, Selector = selector, KeyFile = options.KeyFile, KeyVault = options.KeyVault };
        return new ArcSealer(await SigningKeySource.ReadAsync(source, VaultAccess.OfThisProcess, time, cancel), hostName, time);
    }

    /// <summary>
    /// The fields of a new set, the seal first, each with its line end. Empty where nothing is to be sealed: there is no key, our
    /// checks have not looked at the message, nobody knows what its chain came to, or that has ended or is full.
    /// </summary>
    /// <param name="header">The header of the content.</param>
    /// <param name="content">The whole content, exactly as it leaves behind these fields. Seekable; its position is of no matter before and after.</param>
    /// <param name="isForwarded">Relay has sent it on as a message of its own.</param>
    public async ValueTask<byte[]> SealAsync(MessageHeader header, Stream content, bool isForwarded, CancellationToken cancel)
    {
        if (key is null || !header.IsWhole || OwnResults.Read(header, hostName, isForwarded) is not { } own)
        {
            return [];
        }

        var before = ArcFields.Read(header);
        if (before.HasEnded || before.Newest == ArcFields.MaxInstance || StatusOf(before, own) is not { } status)
        {
            return [];
        }

        var instance = $"{before.Newest + 1}";
        var results = ResultsField(instance, own);
        var signature = await SignAsync(key, instance, header, content, cancel);
        return [.. Seal(key, instance, status, before.Sets, results, signature), .. signature, .. results];
    }

    /// <summary>
    /// What our check of the chain came to; null where it did not say, or does not speak of this message. A chain that got no answer
    /// from DNS is left as it is: whoever comes next can judge it.
    /// </summary>
    private static ArcStatus? StatusOf(ArcFields before, OwnResults own) => (own.Arc, before) switch
    {
        (null or "none", { IsEmpty: true }) => ArcStatus.None,
        ("pass", { Sets.Count: > 0 }) => ArcStatus.Pass,
        ("fail", { IsEmpty: false }) => ArcStatus.Fail,
        _ => null,
    };

    /// <summary>All that our checks have found, in one field (RFC 8617 §4.1.1).</summary>
    private byte[] ResultsField(string instance, OwnResults own)
    {
        var texts = own.Texts.Count > 0 ? own.Texts : ["none"];
        return Encoding.UTF8.GetBytes($"{ArcSet.ResultsName}: i={instance}; {hostName};\r\n\t{string.Join(";\r\n\t", texts)}\r\n");
    }

    private async ValueTask<byte[]> SignAsync(SigningKey by, string instance, MessageHeader header, Stream content, CancellationToken cancel)
    {
        var hashes = await BodyHashes.ReadAsync(content, header.Length, [(Canonicalization.Relaxed, null)], cancel);
        var bodyHash = Convert.ToBase64String(hashes.Of(Canonicalization.Relaxed, null)!);
        var signatures = header.Named(DkimSignature.FieldName).Take(DkimVerifier.MaxSignatures).Select(_ => DkimSignature.FieldName);
        var names = Names ?? [.. SignedNames.Of(header), .. signatures];
        return Writer(
            ArcSet.SignatureName, [.. Tags(by, instance), ("c", ["relaxed/relaxed"]), ("h", names), ("bh", [bodyHash])],
            unsigned => by.Sign(new SignedFields(header).Hash(names, FieldOf(unsigned), Canonicalization.Relaxed)));
    }

    /// <summary>A chain that has failed is not carried on: the seal is over its own set alone, as if there were no other (RFC 8617 §5.1.2).</summary>
    private byte[] Seal(SigningKey by, string instance, ArcStatus status, IReadOnlyList<ArcSet> before, byte[] results, byte[] signature)
    {
        var sets = status == ArcStatus.Pass ? before : [];
        return Writer(
            ArcSet.SealName, [.. Tags(by, instance), ("cv", [status.Word()])],
            unsigned => by.Sign(ArcSeal.Hash(sets, FieldOf(results), FieldOf(signature), FieldOf(unsigned))));
    }

    /// <summary>What signature and seal have both.</summary>
    private (string Tag, IReadOnlyList<string> Values)[] Tags(SigningKey by, string instance) =>
    [
        ("i", [instance]), ("a", [by.AlgorithmName]), ("d", [by.Domain]), ("s", [by.Selector]),
        ("t", [$"{time.GetUtcNow().ToUnixTimeSeconds()}"]),
    ];

    internal static byte[] Write(string fieldName, IReadOnlyList<(string Tag, IReadOnlyList<string> Values)> tags, Func<byte[], byte[]> sign)
    {
        var text = tags.Aggregate(new SignatureText(fieldName), (text, tag) => text.AddList(tag.Tag, tag.Values));
        return text.Signed(sign(text.Unsigned()));
    }

    /// <summary>A field that stands in no place of the message yet.</summary>
    private static HeaderField FieldOf(byte[] octets) => new(octets, Offset: -1);
}

/// <summary>Writes a field of tags with its line end.</summary>
/// <param name="tags">All but the signature; the values of a tag stand between colons.</param>
/// <param name="sign">The signature, of the field as it is without it.</param>
internal delegate byte[] TagWriter(
    string fieldName, IReadOnlyList<(string Tag, IReadOnlyList<string> Values)> tags, Func<byte[], byte[]> sign);
