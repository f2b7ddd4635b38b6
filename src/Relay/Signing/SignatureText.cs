using System.Text;

namespace Relay.Signing;

/// <summary>Writes a field of tags, folded (RFC 6376 §3.2): the last tag is the signature, which is written when all before it is hashed.</summary>
internal sealed class SignatureText
{
    /// <summary>Octets of a line (RFC 5322 §2.1.1 recommends 78).</summary>
    private const int LineLength = 76;

    private readonly StringBuilder text;
    private int lineBegin;

    public SignatureText(string fieldName)
    {
        text = new StringBuilder($"{fieldName}:");
    }

    /// <summary>Adds a tag.</summary>
    public SignatureText Add(string tag, string value) => Put($" {tag}={value};");

    /// <summary>Adds a tag whose value may be folded behind each colon.</summary>
    public SignatureText AddList(string tag, IReadOnlyList<string> values)
    {
        Put($" {tag}={values[0]}{(values.Count == 1 ? ';' : ':')}");
        for (var i = 1; i < values.Count; i++)
        {
            Put($"{values[i]}{(i == values.Count - 1 ? ';' : ':')}");
        }

        return this;
    }

    /// <summary>The field with an empty signature and a line end: this is what is signed.</summary>
    public byte[] Unsigned() => Encoding.ASCII.GetBytes($"{text}\r\n\tb=\r\n");

    /// <summary>The whole field.</summary>
    public byte[] Signed(byte[] signature)
    {
        var value = Convert.ToBase64String(signature);
        var whole = new StringBuilder().Append(text).Append("\r\n\tb=");
        for (var i = 0; i < value.Length; i += LineLength - 4)
        {
            whole.Append(i == 0 ? "" : "\r\n\t ").Append(value.AsSpan(i, Math.Min(LineLength - 4, value.Length - i)));
        }

        return Encoding.ASCII.GetBytes(whole.Append("\r\n").ToString());
    }

    private SignatureText Put(string word)
    {
        if (text.Length - lineBegin + word.Length > LineLength)
        {
            text.Append("\r\n\t");
            lineBegin = text.Length - 1;
            word = word.TrimStart(' ');
        }

        text.Append(word);
        return this;
    }
}
