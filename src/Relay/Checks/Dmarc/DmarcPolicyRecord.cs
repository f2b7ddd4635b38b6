using System.Text.Json.Serialization;

namespace Relay.Checks.Dmarc;

/// <summary>What a domain asks to be done with mail that fails in its name (RFC 9989 §4.7), from nothing to the strongest.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DmarcPolicy>))]
public enum DmarcPolicy
{
    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>It is suspicious.</summary>
    [JsonStringEnumMemberName("quarantine")] Quarantine,

    /// <summary>It is to be refused.</summary>
    [JsonStringEnumMemberName("reject")] Reject,
}

/// <summary>How near an authenticated domain must be to the author's (RFC 9989 §3.2.10).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DmarcAlignment>))]
public enum DmarcAlignment
{
    /// <summary>Both have the same organizational domain.</summary>
    [JsonStringEnumMemberName("r")] Relaxed,

    /// <summary>Both are the same.</summary>
    [JsonStringEnumMemberName("s")] Strict,
}

/// <summary>Whether a domain is one below which others register theirs (RFC 9989 §4.7).</summary>
public enum DmarcPsd
{
    /// <summary>It does not say.</summary>
    Unsaid,

    /// <summary>It is none: it is the organizational domain of itself and of all below.</summary>
    No,

    /// <summary>It is a public suffix domain.</summary>
    Yes,
}

/// <summary>What a domain publishes at <c>_dmarc</c> (RFC 9989 §4.7).</summary>
public sealed record DmarcPolicyRecord
{
    /// <summary>The policy for the domain itself; null where the record names none that holds: then DMARC does not apply.</summary>
    public DmarcPolicy? Policy { get; init; }

    /// <summary><c>sp</c>: the policy for domains below it; null for the same.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }

    /// <summary><c>np</c>: the policy for domains below it that do not exist; null for the same as for those that do.</summary>
    public DmarcPolicy? NonexistentPolicy { get; init; }

    /// <summary><c>adkim</c>.</summary>
    public DmarcAlignment DkimAlignment { get; init; }

    /// <summary><c>aspf</c>.</summary>
    public DmarcAlignment SpfAlignment { get; init; }

    /// <summary><c>psd</c>.</summary>
    public DmarcPsd Psd { get; init; }

    /// <summary><c>t=y</c>: policies are being tried out, and one step less is to be applied.</summary>
    public bool IsTest { get; init; }

    /// <summary><c>fo</c>: which failures are to be reported.</summary>
    public string FailureOptions { get; init; } = "0";

    /// <summary><c>rua</c>: where aggregate reports go, as URIs.</summary>
    public IReadOnlyList<string> AggregateReports { get; init; } = [];

    /// <summary><c>ruf</c>: where reports of single failures go, as URIs.</summary>
    public IReadOnlyList<string> FailureReports { get; init; } = [];

    /// <summary>What its owner should put right, for people; empty when all is well.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>The policy for mail of an author domain (RFC 9989 §4.10.1), before <c>t</c>.</summary>
    public DmarcPolicy PolicyFor(bool isSubdomain, bool exists)
    {
        var policy = Policy ?? DmarcPolicy.None;
        var below = SubdomainPolicy ?? policy;
        return !isSubdomain ? policy : exists ? below : NonexistentPolicy ?? below;
    }

    /// <summary>What is left of a policy while it is being tried out.</summary>
    public DmarcPolicy Applied(DmarcPolicy policy) =>
        IsTest && policy != DmarcPolicy.None ? policy - 1 : policy;
}

/// <summary>The words of the records.</summary>
public static class DmarcWords
{
    /// <summary>As <c>p</c> says it.</summary>
    public static string Word(this DmarcPolicy policy) => policy switch
    {
        DmarcPolicy.Reject => "reject",
        DmarcPolicy.Quarantine => "quarantine",
        _ => "none",
    };
}
