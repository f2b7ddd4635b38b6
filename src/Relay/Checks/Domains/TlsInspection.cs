using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>Whether others are to use TLS to the domain's mail hosts, by MTA-STS (RFC 8461), and tell it when they cannot, by TLS-RPT (RFC 8460).</summary>
internal sealed class TlsInspection(IDnsResolver dns)
{
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
                findings.Right($"announced with id {id}; the policy itself, https://mta-sts.{domain}/.well-known/mta-sts.txt, is not looked at");
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
