namespace Relay.Dns;

/// <summary>A TLSA record (RFC 6698 §2.1), as DNS has it: whether it can be used is another question.</summary>
/// <param name="Usage">The certificate usage.</param>
/// <param name="Selector">What of the certificate is compared.</param>
/// <param name="MatchingType">How.</param>
/// <param name="Data">The certificate association data, in upper-case hexadecimal digits: so that equal records are equal.</param>
public sealed record TlsaRecord(byte Usage, byte Selector, byte MatchingType, string Data)
{
    /// <summary>As in a zone file.</summary>
    public override string ToString() => $"{Usage} {Selector} {MatchingType} {Data}";
}
