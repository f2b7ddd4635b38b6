using System.Text.Json.Serialization;

namespace Relay.Checks.Domains;

/// <summary>What a finding comes to. The words stay as they are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainState>))]
public enum DomainState
{
    /// <summary>All is well.</summary>
    [JsonStringEnumMemberName("right")] Right,

    /// <summary>It works, and could be better.</summary>
    [JsonStringEnumMemberName("better")] Better,

    /// <summary>It is to be changed.</summary>
    [JsonStringEnumMemberName("change")] Change,

    /// <summary>DNS gave no answer.</summary>
    [JsonStringEnumMemberName("no-answer")] NoAnswer,
}

/// <summary>One thing about a domain that matters to mail.</summary>
/// <param name="Topic">Such as <c>mx</c>, <c>spf</c>, <c>dkim</c>, <c>dmarc</c>, <c>mta-sts</c>, <c>tls-rpt</c>, <c>ptr</c>.</param>
/// <param name="State">What it comes to.</param>
/// <param name="Found">What DNS has, in plain words.</param>
/// <param name="Advice">What to change; null where there is nothing.</param>
public sealed record DomainFinding(string Topic, DomainState State, string Found, string? Advice);

/// <summary>The findings of one topic, as they come up.</summary>
internal sealed class DomainFindings(string topic)
{
    public List<DomainFinding> All { get; } = [];

    public void Right(string found) => Add(DomainState.Right, found, null);

    public void Better(string found, string advice) => Add(DomainState.Better, found, advice);

    public void Change(string found, string advice) => Add(DomainState.Change, found, advice);

    public void NoAnswer(string what, string? detail) =>
        Add(DomainState.NoAnswer, detail is null ? $"DNS gives no answer for {what}" : $"DNS gives no answer for {what}: {detail}", "ask again later");

    private void Add(DomainState state, string found, string? advice) => All.Add(new DomainFinding(topic, state, found, advice));
}
