using System.Text.Json.Serialization;

namespace Relay.Transport.TlsReports;

/// <summary>What a report tells of sessions that are alike: two records that are equal in all but their time are counted together.</summary>
public sealed record TlsRecord
{
    /// <summary>When it was; kept as the day in UTC.</summary>
    [JsonIgnore]
    public DateTimeOffset At { get; init; }

    /// <summary>The domain of the recipients, in A-labels: reports are for its owner.</summary>
    [JsonIgnore]
    public string Domain { get; init; } = "";

    /// <summary>What the session was held to.</summary>
    public required TlsRecordPolicy Policy { get; init; }

    /// <summary>What went wrong; null when TLS was as it must be, and then the rest is null too.</summary>
    public TlsRecordFailure? Failure { get; init; }
}

/// <summary>The policy of a session (RFC 8460 §4.4).</summary>
/// <param name="Type">Where it comes from.</param>
/// <param name="Text">Its fields, or its TLSA records with their names; empty where there is none, or none could be had.</param>
/// <param name="Mx">The patterns of mail hosts in it.</param>
public sealed record TlsRecordPolicy(TlsPolicyType Type, IReadOnlyList<string> Text, IReadOnlyList<string> Mx)
{
    /// <summary>Of a domain that publishes nothing.</summary>
    public static TlsRecordPolicy NotFound { get; } = new(TlsPolicyType.NotFound, [], []);
}

/// <summary>A failure (RFC 8460 §4.4).</summary>
/// <param name="Result">What went wrong.</param>
/// <param name="SendingAddress">Where the session went out from; null where it came to none.</param>
/// <param name="Host">The mail host's name; null where it came to none.</param>
/// <param name="Address">The mail host's address.</param>
/// <param name="Reason">More in words, where the result does not say all; short, and the same for what is alike.</param>
public sealed record TlsRecordFailure(
    TlsResult Result, string? SendingAddress = null, string? Host = null, string? Address = null, string? Reason = null);

/// <summary>The types of policies (RFC 8460 §4.4). The words are those of the reports.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TlsPolicyType>))]
public enum TlsPolicyType
{
    /// <summary>None: TLS where it is offered.</summary>
    [JsonStringEnumMemberName("no-policy-found")] NotFound,

    /// <summary>DANE.</summary>
    [JsonStringEnumMemberName("tlsa")] Tlsa,

    /// <summary>MTA-STS.</summary>
    [JsonStringEnumMemberName("sts")] Sts,
}

/// <summary>What can go wrong (RFC 8460 §4.3). The words are those of the reports.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TlsResult>))]
public enum TlsResult
{
    /// <summary>Something else.</summary>
    [JsonStringEnumMemberName("validation-failure")] ValidationFailure,

    /// <summary>STARTTLS was not offered, or refused.</summary>
    [JsonStringEnumMemberName("starttls-not-supported")] StartTlsNotSupported,

    /// <summary>The certificate is for other names.</summary>
    [JsonStringEnumMemberName("certificate-host-mismatch")] CertificateHostMismatch,

    /// <summary>The certificate is out of date.</summary>
    [JsonStringEnumMemberName("certificate-expired")] CertificateExpired,

    /// <summary>Nobody that is trusted vouches for the certificate.</summary>
    [JsonStringEnumMemberName("certificate-not-trusted")] CertificateNotTrusted,

    /// <summary>No TLSA record matches the certificate.</summary>
    [JsonStringEnumMemberName("tlsa-invalid")] TlsaInvalid,

    /// <summary>DNS gave no answer that holds.</summary>
    [JsonStringEnumMemberName("dnssec-invalid")] DnssecInvalid,

    /// <summary>The policy could not be fetched.</summary>
    [JsonStringEnumMemberName("sts-policy-fetch-error")] StsPolicyFetchError,

    /// <summary>What was fetched is no policy.</summary>
    [JsonStringEnumMemberName("sts-policy-invalid")] StsPolicyInvalid,

    /// <summary>The policy host's certificate is not valid for it.</summary>
    [JsonStringEnumMemberName("sts-webpki-invalid")] StsWebpkiInvalid,
}

/// <summary>The record as it is kept: without reflection, and always in the same order.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TlsRecord))]
internal sealed partial class TlsRecordJson : JsonSerializerContext;
