using Relay.Routing;
using Relay.Status;
using Relay.Transport.MxSecurity;

namespace Relay.Transport;

/// <summary>Who asks for the TLS of a connection.</summary>
internal enum TlsSource
{
    /// <summary>The route, or the message (RFC 8689).</summary>
    Route,

    /// <summary>The recipients' domain, by MTA-STS (RFC 8461).</summary>
    MtaSts,

    /// <summary>The mail host, by DANE (RFC 7672).</summary>
    Dane,
}

/// <summary>How TLS is to be on a connection. It is part of what a kept connection is found by, so equal policies are equal.</summary>
/// <param name="Mode">Required means TLS 1.2 or later, and that the server proves itself as the rest says.</param>
internal sealed record TlsPolicy(TlsMode Mode)
{
    public static TlsPolicy Off { get; } = new(TlsMode.Off);

    public static TlsPolicy Opportunistic { get; } = new(TlsMode.Opportunistic);

    /// <summary>A certificate that the machine trusts, for the host's name.</summary>
    public static TlsPolicy Required { get; } = new(TlsMode.Required);

    /// <summary>Who asks.</summary>
    public TlsSource Source { get; private init; }

    /// <summary>What the certificate is held against in place of what the machine trusts; null for that.</summary>
    public DaneProof? Dane { get; private init; }

    /// <summary>The reason code of mail that this keeps back.</summary>
    public string FailureReason => Source switch
    {
        TlsSource.MtaSts => Reasons.MtaStsFailed,
        TlsSource.Dane => Reasons.DaneFailed,
        _ => Reasons.TlsRequired,
    };

    /// <summary>What a route asks for.</summary>
    public static TlsPolicy Of(TlsMode mode) => mode switch
    {
        TlsMode.Off => Off,
        TlsMode.Required => Required,
        _ => Opportunistic,
    };

    /// <summary>As <see cref="Required"/>, because the domain's policy says so.</summary>
    public static TlsPolicy ByMtaSts { get; } = Required with { Source = TlsSource.MtaSts };

    /// <summary>Required, with the host's TLSA records for proof.</summary>
    public static TlsPolicy ByDane(DaneProof proof) => Required with { Source = TlsSource.Dane, Dane = proof };

    /// <summary>In plain words.</summary>
    public override string ToString() => (Mode, Source) switch
    {
        (TlsMode.Off, _) => "never TLS",
        (TlsMode.Opportunistic, _) => "TLS where it is offered, with any certificate",
        (_, TlsSource.MtaSts) => "TLS with a valid certificate for the host's name, by MTA-STS",
        (_, TlsSource.Dane) when Dane!.IsUsable => "TLS with a certificate that matches the host's TLSA records, by DANE",
        (_, TlsSource.Dane) => "TLS with any certificate, by DANE: no TLSA record of the host can be used",
        _ => "TLS with a valid certificate for the host's name",
    };
}
