namespace Relay.Certificates;

/// <summary>Where one certificate comes from, again and again.</summary>
internal interface ICertificateSource
{
    /// <summary>How often it is worth a look.</summary>
    TimeSpan Period { get; }

    /// <summary>Reads what is there now.</summary>
    /// <exception cref="CertificateException">It cannot be read; the message says what to do.</exception>
    Task<CertificateMaterial> ReadAsync(CancellationToken cancel);
}
