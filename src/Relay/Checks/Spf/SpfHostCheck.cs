using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>The function check_host() for one identity (RFC 7208 §4).</summary>
internal sealed class SpfHostCheck
{
    private readonly SpfIdentity identity;
    private readonly SpfLookups lookups;
    private readonly ValidatedNames validated;
    private readonly SpfMatcher matcher;
    private readonly string receiver;
    private readonly TimeProvider time;

    public SpfHostCheck(SpfIdentity identity, SpfLookups lookups, string receiver, TimeProvider time)
    {
        (this.identity, this.lookups, this.receiver, this.time) = (identity, lookups, receiver, time);
        validated = new ValidatedNames(identity, lookups, time);
        matcher = new SpfMatcher(identity, lookups, validated);
    }

    /// <summary>What the domain says of the client, with the explanation of a fail.</summary>
    public async ValueTask<SpfEvaluation> RunAsync()
    {
        var (found, explainer) = await CheckHostAsync(identity.Domain);
        var lasting = found with { Lookups = lookups.Questions };
        if (found.Result != SpfResult.Fail)
        {
            return lasting;
        }

        var own = explainer is null ? null : await ExplainAsync(explainer);
        return lasting with
        {
            Explanation = own ?? $"{identity.Domain} does not let {identity.Client} send its mail",
            ExplainedBy = own is null ? null : explainer!.Domain,
            Lookups = lookups.Questions,
        };
    }

    /// <summary>What the domain says, and whose record can explain it.</summary>
    private async ValueTask<(SpfEvaluation Found, Explainer? Explainer)> CheckHostAsync(string domain)
    {
        if (!SpfName.IsValid(domain))
        {
            return (new(SpfResult.None) { Detail = $"'{domain}' is no domain to ask" }, null);
        }

        var answer = await lookups.TxtAsync(domain);
        if (answer.Status == DnsStatus.Temporary)
        {
            lookups.Fail(SpfResult.TempError, answer.Detail ?? $"no answer for {domain}");
            return (lookups.Fault!, null);
        }

        var texts = answer.Records.Where(SpfRecord.Is).Take(2).ToArray();
        if (texts.Length != 1)
        {
            return texts.Length == 0
                ? (new(SpfResult.None) { Detail = $"{domain} has no record" }, null)
                : (new(SpfResult.PermError) { Detail = $"{domain} has more than one record" }, null);
        }

        return SpfRecordParser.Parse(texts[0], out var fault) is { } record
            ? await EvaluateAsync(record, domain)
            : (new(SpfResult.PermError) { Detail = $"{domain}: {fault}" }, null);
    }

    /// <summary>The first mechanism that matches decides; where none does, the record that this one redirects to (RFC 7208 §4.6.2, §6.1).</summary>
    private async ValueTask<(SpfEvaluation Found, Explainer? Explainer)> EvaluateAsync(SpfRecord record, string domain)
    {
        foreach (var directive in record.Directives)
        {
            var isMatch = await MatchesAsync(directive, domain);
            if (lookups.Fault is { } fault)
            {
                return (fault, null);
            }

            if (isMatch)
            {
                return (new(directive.Result) { Mechanism = directive.Text }, Explainer.Of(record, domain));
            }
        }

        if (record.Redirect is not { } redirect)
        {
            return (new(SpfResult.Neutral) { Detail = $"no mechanism of {domain} matches" }, null);
        }

        if (!lookups.CountTerm() || await NameAsync(redirect, domain) is not { } target)
        {
            return (lookups.Fault!, null);
        }

        var there = await CheckHostAsync(target);
        return there.Found.Result == SpfResult.None
            ? (new(SpfResult.PermError) { Detail = $"{domain} redirects to '{target}', which has no record" }, null)
            : there;
    }

    private async ValueTask<bool> MatchesAsync(SpfDirective directive, string domain)
    {
        if (directive.AsksDns && !lookups.CountTerm())
        {
            return false;
        }

        var name = directive.Domain is { } spec ? await NameAsync(spec, domain) : domain;
        return name is not null && (directive.Mechanism == SpfMechanism.Include
            ? await IncludeAsync(name)
            : await matcher.MatchesAsync(directive, name));
    }

    /// <summary>It matches when the other domain says pass; its errors are errors of the whole (RFC 7208 §5.2).</summary>
    private async ValueTask<bool> IncludeAsync(string name)
    {
        var (found, _) = await CheckHostAsync(name);
        return found.Result switch
        {
            SpfResult.Pass => true,
            SpfResult.None => lookups.Fail(SpfResult.PermError, $"'{name}' is included, and has no record"),
            SpfResult.TempError or SpfResult.PermError => lookups.Fail(found.Result, found.Detail ?? name),
            _ => false,
        };
    }

    /// <summary>The name that a domain-spec comes to; null is a fault.</summary>
    private async ValueTask<string?> NameAsync(MacroString spec, string domain)
    {
        if (spec.Uses('p') && !validated.AreKnown && !lookups.CountTerm())
        {
            return null;
        }

        var name = MacroExpander.ExpandName(spec, await ValuesAsync(spec, domain));
        if (name is null)
        {
            lookups.Fail(SpfResult.PermError, $"{domain}: a name that macros make too long");
        }

        return lookups.Fault is null ? name : null;
    }

    /// <summary>The words of the domain for a fail. Whatever goes wrong here, the domain said nothing (RFC 7208 §6.2).</summary>
    private async ValueTask<string?> ExplainAsync(Explainer explainer)
    {
        var domain = explainer.Domain;
        if (MacroExpander.ExpandName(explainer.Where, await ValuesAsync(explainer.Where, domain)) is not { } name || !SpfName.IsValid(name))
        {
            return null;
        }

        var answer = await lookups.TxtAsync(name);
        return answer.Records is [var text] && text.Length <= SpfRecordParser.MaxLength &&
            MacroString.TryParse(text, MacroPlace.Explanation, out var macros)
            ? Printable(MacroExpander.Expand(macros, await ValuesAsync(macros, domain)))
            : null;
    }

    /// <summary>A local part may hold what is no ASCII; then there are no words.</summary>
    private static string? Printable(string? text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text is "" ? null : text;

    private async ValueTask<MacroValues> ValuesAsync(MacroString macros, string domain) => new(
        identity, domain, macros.Uses('p') ? await validated.BestAsync(domain) : null, receiver, time.GetUtcNow());

    /// <summary>Whose words explain a fail, and where they are published.</summary>
    private sealed record Explainer(string Domain, MacroString Where)
    {
        public static Explainer? Of(SpfRecord record, string domain) =>
            record.Explanation is { } where ? new(domain, where) : null;
    }
}
