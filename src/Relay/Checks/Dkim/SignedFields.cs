using System.Buffers;
using System.Security.Cryptography;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>The fields of a header by name, as signatures choose them: made once, however many signatures there are.</summary>
internal sealed class SignedFields
{
    private readonly Dictionary<string, List<HeaderField>> byName = new(StringComparer.OrdinalIgnoreCase);

    public SignedFields(MessageHeader header)
    {
        foreach (var field in header.Fields)
        {
            var name = field.Name;
            if (!byName.TryGetValue(name, out var same))
            {
                byName[name] = same = [];
            }

            same.Add(field);
        }
    }

    /// <summary>
    /// The fields that these names choose: of fields with the same name the lowest first, and none where there is no more of
    /// them (RFC 6376 §5.4.2). The field of the signature itself is never among them.
    /// </summary>
    public IEnumerable<HeaderField> Choose(IEnumerable<string> names, HeaderField? signature)
    {
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            if (name.Length == 0 || !byName.TryGetValue(name, out var fields))
            {
                continue;
            }

            var next = taken.TryGetValue(name, out var left) ? left : fields.Count - 1;
            if (next >= 0 && fields[next].Offset == signature?.Offset)
            {
                next--;
            }

            taken[name] = next - 1;
            if (next >= 0)
            {
                yield return fields[next];
            }
        }
    }

    /// <summary>The hash that a signature of DKIM, or of a message in ARC, is made of (RFC 6376 §3.7).</summary>
    /// <param name="names">What <c>h=</c> says.</param>
    /// <param name="signature">The field of the signature; what <c>b=</c> says in it does not count.</param>
    public byte[] Hash(IEnumerable<string> names, HeaderField signature, Canonicalization form)
    {
        var signed = new ArrayBufferWriter<byte>(4096);
        foreach (var field in Choose(names, signature))
        {
            HeaderCanonicalizer.Write(signed, field, form);
        }

        HeaderCanonicalizer.WriteSignature(signed, signature, form);
        return SHA256.HashData(signed.WrittenSpan);
    }
}
