namespace Relay.Transport.TlsReports;

/// <summary>The words of the reports, for people.</summary>
public static class TlsReportWords
{
    /// <summary>Such as <c>sts</c>.</summary>
    public static string Word(this TlsPolicyType type) => type switch
    {
        TlsPolicyType.Tlsa => "tlsa",
        TlsPolicyType.Sts => "sts",
        _ => "no-policy-found",
    };

    /// <summary>Such as <c>certificate-expired</c>.</summary>
    public static string Word(this TlsResult result) => result switch
    {
        TlsResult.StartTlsNotSupported => "starttls-not-supported",
        TlsResult.CertificateHostMismatch => "certificate-host-mismatch",
        TlsResult.CertificateExpired => "certificate-expired",
        TlsResult.CertificateNotTrusted => "certificate-not-trusted",
        TlsResult.TlsaInvalid => "tlsa-invalid",
        TlsResult.DnssecInvalid => "dnssec-invalid",
        TlsResult.StsPolicyFetchError => "sts-policy-fetch-error",
        TlsResult.StsPolicyInvalid => "sts-policy-invalid",
        TlsResult.StsWebpkiInvalid => "sts-webpki-invalid",
        _ => "validation-failure",
    };
}
