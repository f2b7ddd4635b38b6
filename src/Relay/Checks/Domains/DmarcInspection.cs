using Relay.Checks.Dmarc;
using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>What the domain asks others to do with mail that only claims to be its own (RFC 9989).</summary>
internal sealed class DmarcInspection(IDnsResolver dns)
{
    private readonly DomainFindings findings = new("dmarc");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, CancellationToken cancel)
    {
        var own = await dns.TxtAsync($"_dmarc.{domain}", cancel);
        var records = own.Records.Count(text => DmarcPolicyParser.TryParse(text, out _));
        if (records > 1)
        {
            findings.Change($"{records} records at _dmarc.{domain}: none counts (RFC 9989 §4.10)", "leave one");
        }
        else if (records == 0 && own.Records.Count > 0)
        {
            findings.Change($"the TXT record at _dmarc.{domain} is no DMARC record", "begin it with 'v=DMARC1;'");
        }

        var walk = await new DmarcQuestions(dns).WalkAsync(domain, cancel);
        if (walk.Failure is { } failure)
        {
            findings.NoAnswer("DMARC", failure);
        }
        else if (walk.Policy is { } policy)
        {
            await JudgeAsync(domain, policy, cancel);
        }
        else if (findings.All.Count == 0)
        {
            findings.Change(
                "no DMARC record, here or above",
                $"publish a TXT record at _dmarc.{walk.OrganizationalDomain}, to begin with 'v=DMARC1; p=none; rua=mailto:dmarc@{walk.OrganizationalDomain}'");
        }

        return findings.All;
    }

    private async Task JudgeAsync(string domain, PublishedPolicy policy, CancellationToken cancel)
    {
        var (where, record) = policy;
        foreach (var fault in record.Faults)
        {
            findings.Change($"_dmarc.{where}: {fault}", "mend the record");
        }

        if (record.Policy is null)
        {
            findings.Change($"the record at _dmarc.{where} counts for nothing", "give it a policy: p=none, p=quarantine or p=reject");
            return;
        }

        var wanted = record.PolicyFor(isSubdomain: where != domain, exists: true);
        var told = where == domain ? $"p={wanted.Word()}" : $"the record of {where} holds: {wanted.Word()}";
        if (wanted == DmarcPolicy.None)
        {
            findings.Better(
                $"{told}: mail that only claims to be of {domain} is taken", "read the reports; when all of your own mail passes, ask for p=quarantine, then p=reject");
        }
        else
        {
            findings.Right($"{told}{(record.IsTest ? " (tried out, t=y: a step less is done)" : "")}");
        }

        await ReportsAsync(where, record, cancel);
    }

    private async Task ReportsAsync(string where, DmarcPolicyRecord record, CancellationToken cancel)
    {
        if (record.AggregateReports.Count == 0)
        {
            findings.Better("nobody gets reports (rua)", $"add 'rua=mailto:dmarc@{where}', to see who sends in your name");
            return;
        }

        findings.Right($"reports go to {string.Join(", ", record.AggregateReports)}");
        foreach (var address in record.AggregateReports)
        {
            if (DmarcIdentifiers.DomainOf(new Uri(address).Host) is { } host && !IsSame(host, where))
            {
                await ConsentAsync(where, host, cancel);
            }
        }
    }

    /// <summary>Another domain must say that it wants the reports (RFC 9990 §4).</summary>
    private async Task ConsentAsync(string where, string host, CancellationToken cancel)
    {
        var name = $"{where}._report._dmarc.{host}";
        var answer = await dns.TxtAsync(name, cancel);
        if (answer.Status == DnsStatus.Temporary)
        {
            findings.NoAnswer(name, answer.Detail);
        }
        else if (!answer.Records.Any(text => DmarcPolicyParser.TryParse(text, out _)))
        {
            findings.Change($"{host} does not say that it takes reports for {where}: nobody sends them", $"let its owner publish 'v=DMARC1' as a TXT record at {name}");
        }
    }

    /// <summary>By their names alone: whether two have one owner is for the walk to say, and a record too many does no harm.</summary>
    private static bool IsSame(string host, string where) =>
        host == where || host.EndsWith($".{where}", StringComparison.Ordinal) || where.EndsWith($".{host}", StringComparison.Ordinal);
}
