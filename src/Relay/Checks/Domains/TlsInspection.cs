using Relay.Dns;
using Relay.Transport.MxSecurity;

namespace Relay.Checks.Domains;

/// <summary>Whether others are to use TLS to the domain's mail hosts, by MTA-STS (RFC 8461), and tell it when they cannot, by TLS-RPT (RFC 8460).</summary>
internal sealed class TlsInspection(IDnsResolver dns, StsFetcher fetcher)
{
    /// <summary>A policy that holds for less is no great protection (RFC 8461 §3.2 speaks of weeks).</summary>
    private static readonly TimeSpan ShortAge = TimeSpan.FromDays(7);

    private const string Sts = "v=STSv1";
    private const string Reports = "v=TLSRPTv1";

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, CancellationToken cancel)
    {
        var policy = await PolicyAsync(domain, cancel);
        var reports = await ReportsAsync(domain, cancel);
        return [.. policy, .. reports];
    }

    private async Task<List<DomainFinding>> PolicyAsync(string domain, CancellationToken cancel)
    {
        var findings = new DomainFindings("mta-sts");
        var text = await OneAsync(findings, $"_mta-sts.{domain}", Sts, "others may be made to send to the domain without TLS", cancel);
        if (text is null)
        {
            return findings.All;
        }

        if (Tag(text, "id") is not { Length: > 0 and <= 32 } id || !id.All(char.IsAsciiLetterOrDigit))
        {
            findings.Change($"the record at _mta-sts.{domain} has no id of 1 to 32 letters and digits", "give it one, such as 'v=STSv1; id=20260131'");
            return findings.All;
        }

        var host = await dns.AddressesAsync($"mta-sts.{domain}", cancel);
        switch (host.Status)
        {
            case DnsStatus.Found:
                await FetchAsync(findings, domain, id, cancel);
                break;
            case DnsStatus.Temporary:
                findings.NoAnswer($"mta-sts.{domain}", host.Detail);
                break;
            default:
                findings.Change($"announced, and mta-sts.{domain} has no address", $"serve the policy at https://mta-sts.{domain}/.well-known/mta-sts.txt");
                break;
        }

        return findings.All;
    }

    /// <summary>The policy itself, and whether the mail hosts are in it.</summary>
    private async Task FetchAsync(DomainFindings findings, string domain, string id, CancellationToken cancel)
    {
        var fetched = await fetcher.FetchAsync(domain, cancel);
        if (fetched.Policy is not { } policy)
        {
            findings.Change(
                $"announced with id {id}, and the policy cannot be had: {fetched.Detail}",
                $"serve it at https://mta-sts.{domain}/.well-known/mta-sts.txt as text/plain, with a certificate for mta-sts.{domain}");
            return;
        }

        var mode = StsPolicyText.Word(policy.Mode);
        var outside = (await dns.MxAsync(domain, cancel)).Records.Select(mx => mx.Exchange)
            .Where(exchange => exchange.Length > 0 && policy.Mode != StsMode.None && !policy.Matches(exchange)).ToArray();
        foreach (var exchange in outside)
        {
            findings.Change($"the policy, mode {mode}, does not have the mail host {exchange}", $"add 'mx: {exchange}' to it, and then change the id");
        }

        if (policy.Mode == StsMode.Enforce && policy.MaxAge < ShortAge)
        {
            findings.Better(
                $"the policy holds for {(long)policy.MaxAge.TotalSeconds} s: whoever can keep it from others for that long is rid of it",
                "let max_age be a week or more");
        }
        else if (outside.Length == 0)
        {
            findings.Right($"policy {id}, mode {mode}, for {(long)policy.MaxAge.TotalDays} days: {string.Join(", ", policy.Mx.DefaultIfEmpty("no hosts"))}");
        }
    }

    private async Task<List<DomainFinding>> ReportsAsync(string domain, CancellationToken cancel)
    {
        var findings = new DomainFindings("tls-rpt");
        var text = await OneAsync(findings, $"_smtp._tls.{domain}", Reports, "nobody tells the domain when TLS to it fails", cancel);
        if (text is null)
        {
            return findings.All;
        }

        var rua = Tag(text, "rua")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        if (rua.Length > 0 && rua.All(uri => uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || uri.StartsWith("https:", StringComparison.OrdinalIgnoreCase)))
        {
            findings.Right($"reports go to {string.Join(", ", rua)}");
        }
        else
        {
            findings.Change($"the record at _smtp._tls.{domain} has no rua with mailto: or https: addresses", $"write 'v=TLSRPTv1; rua=mailto:tls@{domain}'");
        }

        return findings.All;
    }

    /// <summary>The one record at a name that begins with its version; null, with a finding, where there is not exactly one.</summary>
    private async Task<string?> OneAsync(DomainFindings findings, string name, string version, string without, CancellationToken cancel)
    {
        var answer = await dns.TxtAsync(name, cancel);
        if (answer.Status == DnsStatus.Temporary)
        {
            findings.NoAnswer(name, answer.Detail);
            return null;
        }

        string[] texts = [.. answer.Records.Where(text => text == version || text.StartsWith($"{version};", StringComparison.Ordinal) || text.StartsWith($"{version} ", StringComparison.Ordinal))];
        if (texts is [var only])
        {
            return only;
        }

        if (texts.Length > 1)
        {
            findings.Change($"{texts.Length} records at {name}: none counts", "leave one");
        }
        else if (answer.Records.Count > 0)
        {
            findings.Change($"the TXT record at {name} is of another kind", $"begin it with '{version};'");
        }
        else
        {
            findings.Better($"none: {without}", $"publish a record at {name}");
        }

        return null;
    }

    private static string? Tag(string text, string name) => text.Split(';', StringSplitOptions.TrimEntries)
        .FirstOrDefault(part => part.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();
}
