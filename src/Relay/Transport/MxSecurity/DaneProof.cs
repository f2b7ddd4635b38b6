using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Dns;

namespace Relay.Transport.MxSecurity;

/// <summary>
/// The TLSA records of a mail host, and whether a certificate matches them (RFC 7672 §3, RFC 7671 §5). Equal when it asks for
/// the same.
/// </summary>
internal sealed class DaneProof : IEquatable<DaneProof>
{
    private const byte TrustAnchor = 2;
    private const byte EndEntity = 3;
    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    private readonly TlsaRecord[] usable;
    private readonly string identity;

    /// <param name="host">The TLSA base domain: what the records stand under, and the server name in the handshake (RFC 7672 §2.2.3, §8.1).</param>
    /// <param name="records">All that there are.</param>
    /// <param name="names">Names of which the certificate must have one, where a trust anchor vouches for it (RFC 7672 §3.2.2).</param>
    public DaneProof(string host, IEnumerable<TlsaRecord> records, params IEnumerable<string> names)
    {
        Host = host;
        Records = [.. records];
        Names = [.. names.Prepend(host).Distinct(StringComparer.OrdinalIgnoreCase)];
        usable = Strongest(Records.Where(IsUsableRecord));
        identity = string.Join('\n', [.. Records.Select(record => $"{record}").Order(StringComparer.Ordinal), .. Names.Select(name => name.ToLowerInvariant())]);
    }

    public string Host { get; }

    public IReadOnlyList<TlsaRecord> Records { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>False when there are records, and none that could be held against anything: TLS is a must then, and any certificate will do (RFC 7672 §2.2).</summary>
    public bool IsUsable => usable.Length > 0;

    /// <summary>What is wrong with what the server showed; null for nothing.</summary>
    /// <param name="sent">The certificates that the server sent beside its own.</param>
    public TlsFault? Judge(X509Certificate2 certificate, X509Certificate2Collection sent)
    {
        if (!IsUsable || usable.Any(record => record.Usage == EndEntity && Matches(record, certificate)))
        {
            // Neither names nor dates of the certificate count (RFC 7672 §3.1.1).
            return null;
        }

        return usable.Any(record => record.Usage == TrustAnchor) ? JudgeByAnchor(certificate, sent) : TlsFault.TlsaMismatch;
    }

    public bool Equals(DaneProof? other) => other is not null && identity == other.identity;

    public override bool Equals(object? obj) => Equals(obj as DaneProof);

    public override int GetHashCode() => identity.GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// DANE-TA and DANE-EE alone: PKIX-TA and PKIX-EE count for nothing in SMTP (RFC 7672 §3.1.3). A digest must have its length.
    /// </summary>
    private static bool IsUsableRecord(TlsaRecord record) =>
        record is { Usage: TrustAnchor or EndEntity, Selector: <= 1 } && record.MatchingType switch
        {
            0 => record.Data.Length > 0,
            1 => record.Data.Length == 2 * SHA256.HashSizeInBytes,
            2 => record.Data.Length == 2 * SHA512.HashSizeInBytes,
            _ => false,
        };

    /// <summary>Where a host has both digests of its certificates, the stronger one alone counts (RFC 7671 §9).</summary>
    private static TlsaRecord[] Strongest(IEnumerable<TlsaRecord> records) =>
    [
        .. records.GroupBy(record => (record.Usage, record.Selector)).SelectMany(group =>
            group.Any(record => record.MatchingType == 2) ? group.Where(record => record.MatchingType != 1) : group),
    ];

    private static bool Matches(TlsaRecord record, X509Certificate2 certificate)
    {
        var content = record.Selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        var data = record.MatchingType switch
        {
            0 => content,
            1 => SHA256.HashData(content),
            _ => SHA512.HashData(content),
        };
        return Convert.ToHexString(data).Equals(record.Data, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The chain from the certificate up to one that matches must hold, and the name must be right (RFC 7672 §3.1.2, §3.2.2). Who
    /// vouches for the anchor itself is of no matter.
    /// </summary>
    private TlsFault? JudgeByAnchor(X509Certificate2 certificate, X509Certificate2Collection sent)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
            },
        };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.ExtraStore.AddRange(PublishedAnchors());
        chain.Build(certificate);
        for (var i = 0; i < chain.ChainElements.Count; i++)
        {
            var element = chain.ChainElements[i];
            var trouble = element.ChainElementStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) & ~Untrusted;
            if (trouble != X509ChainStatusFlags.NoError)
            {
                return trouble == X509ChainStatusFlags.NotTimeValid ? TlsFault.Expired : TlsFault.NotTrusted;
            }

            if (i > 0 && usable.Any(record => record.Usage == TrustAnchor && Matches(record, element.Certificate)))
            {
                return Names.Any(name => certificate.MatchesHostname(name, allowCommonName: false)) ? null : TlsFault.WrongName;
            }
        }

        return TlsFault.TlsaMismatch;
    }

    /// <summary>Anchors that are whole in DNS need not be sent by the server.</summary>
    private X509Certificate2Collection PublishedAnchors()
    {
        X509Certificate2Collection anchors = [];
        foreach (var record in usable.Where(record => record is { Usage: TrustAnchor, Selector: 0, MatchingType: 0 }))
        {
            try
            {
                anchors.Add(X509CertificateLoader.LoadCertificate(Convert.FromHexString(record.Data)));
            }
            catch (CryptographicException)
            {
                // Then nothing can match it.
            }
        }

        return anchors;
    }
}
