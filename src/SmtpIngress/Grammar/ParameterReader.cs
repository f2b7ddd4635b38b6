using System.Buffers;

namespace Relay.SmtpIngress.Grammar;

/// <summary>
/// Walks over the parameters that follow a path (RFC 5321 §4.1.2, with RFC 6531 §3.3 for UTF-8).
/// <code>
/// Mail-parameters = esmtp-param *( SP esmtp-param )
/// esmtp-param     = esmtp-keyword [ "=" esmtp-value ]
/// esmtp-keyword   = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )
/// esmtp-value     = 1*( %d33-60 / %d62-126 / UTF8-non-ascii )
/// </code>
/// </summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> text)
{
    private static readonly SearchValues<byte> KeywordOctets =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private ReadOnlySpan<byte> rest = text;

    /// <summary>Without case.</summary>
    public ReadOnlySpan<byte> Keyword { get; private set; }

    /// <summary>Empty when there was none.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True when what was read breaks the grammar; then there are no more.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next parameter; false at the end, and when the grammar is broken.</summary>
    public bool Next()
    {
        if (rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        var parameter = rest[0] == ' ' ? rest.TrimStart((byte)' ') : default;
        var end = parameter.IndexOf((byte)' ');
        rest = end < 0 ? default : parameter[end..];
        parameter = end < 0 ? parameter : parameter[..end];

        var equals = parameter.IndexOf((byte)'=');
        Keyword = equals < 0 ? parameter : parameter[..equals];
        Value = equals < 0 ? default : parameter[(equals + 1)..];
        IsMalformed = Keyword.IsEmpty || Keyword[0] == '-' || Keyword.ContainsAnyExcept(KeywordOctets) ||
            (equals >= 0 && !IsValue(Value));
        return !IsMalformed;
    }

    private static bool IsValue(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && !value.ContainsAnyInRange((byte)0, (byte)' ') && !value.ContainsAny((byte)'=', (byte)0x7f);
}
