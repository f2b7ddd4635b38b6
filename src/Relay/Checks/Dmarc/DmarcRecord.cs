using System.Text.Json.Serialization;
using Relay.Mail;

namespace Relay.Checks.Dmarc;

/// <summary>
/// What an aggregate report tells of messages that are alike (RFC 9990 §2.1): two records that are equal in all but their time
/// are counted together.
/// </summary>
public sealed record DmarcRecord
{
    /// <summary>Signatures that are kept of one message, those that are aligned first.</summary>
    internal const int MaxSignatures = 10;

    /// <summary>When the message was checked; kept as the day in UTC.</summary>
    [JsonIgnore]
    public DateTimeOffset At { get; init; }

    /// <summary>The domain whose policy record holds for the author: reports are for its owner.</summary>
    [JsonIgnore]
    public string PolicyDomain { get; init; } = "";

    /// <summary>What its record says.</summary>
    public required DmarcPublished Published { get; init; }

    /// <summary>The client's address; null where it is not known.</summary>
    public string? SourceAddress { get; init; }

    /// <summary>The author domain.</summary>
    public required string HeaderFrom { get; init; }

    /// <summary>The domain of the reverse-path; empty for the null one.</summary>
    public string EnvelopeFrom { get; init; } = "";

    /// <summary>The domain of the recipients; null where they have several.</summary>
    public string? EnvelopeTo { get; init; }

    /// <summary>What the published policy asks for this message, when it fails; it is not kept.</summary>
    [JsonIgnore]
    public DmarcPolicy Policy { get; init; }

    /// <summary>What was done with the message. Who applied the verdict says so: <see cref="Applied"/>.</summary>
    public DmarcDisposition Disposition { get; init; }

    /// <summary>Why it is not what the published policy asks for; null where it is.</summary>
    public DmarcOverride? Override { get; init; }

    /// <summary>Words for people to it.</summary>
    public string? OverrideComment { get; init; }

    /// <summary>What SPF said of the MAIL FROM identity; null where it was not looked at.</summary>
    public DmarcSpf? Spf { get; init; }

    /// <summary>What DKIM said, signature by signature.</summary>
    public IReadOnlyList<DmarcDkim> Dkim { get; init; } = [];

    /// <summary>Whether DMARC passed: something vouches for a domain that is aligned.</summary>
    [JsonIgnore]
    public bool IsPass => Spf is { Result: "pass", IsAligned: true } || Dkim.Any(dkim => dkim is { Result: "pass", IsAligned: true });

    /// <summary>The record once it is known what was done with the message.</summary>
    /// <param name="action">The action of the merged verdict.</param>
    /// <param name="recipients">Of the message.</param>
    public DmarcRecord Applied(CheckAction action, IEnumerable<ForwardPath> recipients)
    {
        var done = action switch
        {
            CheckAction.Reject => DmarcDisposition.Reject,
            CheckAction.Quarantine => DmarcDisposition.Quarantine,
            _ => DmarcDisposition.None,
        };
        var domains = recipients.Select(recipient => recipient.Mailbox.Domain.ToLowerInvariant()).Distinct().Take(2).ToArray();
        var isOther = !IsPass && Override is null && (int)done != (int)Policy;
        return this with
        {
            Disposition = IsPass && done == DmarcDisposition.None ? DmarcDisposition.Pass : done,
            Override = isOther ? DmarcOverride.LocalPolicy : Override,
            EnvelopeTo = domains is [var domain] ? domain : null,
        };
    }
}

/// <summary>The policy record as a report repeats it.</summary>
public sealed record DmarcPublished(
    DmarcPolicy P, DmarcPolicy? Sp, DmarcPolicy? Np, DmarcAlignment Adkim, DmarcAlignment Aspf, bool Testing, string Fo);

/// <summary>What SPF said.</summary>
public sealed record DmarcSpf(string Domain, string Result, bool IsAligned);

/// <summary>What DKIM said of one signature.</summary>
public sealed record DmarcDkim(string Domain, string Selector, string Result, bool IsAligned);

/// <summary>What was done with a message (RFC 9990, <c>disposition</c>). The words are those of the reports.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DmarcDisposition>))]
public enum DmarcDisposition
{
    /// <summary>DMARC failed, and the message went on.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>It was kept back.</summary>
    [JsonStringEnumMemberName("quarantine")] Quarantine,

    /// <summary>It was refused.</summary>
    [JsonStringEnumMemberName("reject")] Reject,

    /// <summary>DMARC passed, and the message went on.</summary>
    [JsonStringEnumMemberName("pass")] Pass,
}

/// <summary>Why a message was not treated as the published policy asks (RFC 9990, <c>reason</c>).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DmarcOverride>))]
public enum DmarcOverride
{
    /// <summary>A policy of ours, such as a trusted sealer of ARC or a mode that allows less.</summary>
    [JsonStringEnumMemberName("local_policy")] LocalPolicy,

    /// <summary>The record says <c>t=y</c>.</summary>
    [JsonStringEnumMemberName("policy_test_mode")] PolicyTestMode,
}

/// <summary>The record as it is kept: without reflection, and always in the same order.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DmarcRecord))]
internal sealed partial class DmarcJson : JsonSerializerContext;
