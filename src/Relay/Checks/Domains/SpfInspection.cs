using System.Net;
using Relay.Checks.Spf;
using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>Whom the domain lets send (RFC 7208), and whether we are among them.</summary>
internal sealed class SpfInspection(IDnsResolver dns, SpfEvaluator evaluator, string hostName)
{
    /// <summary>An address that nobody has (RFC 5737): asking for it goes through the whole record.</summary>
    private static readonly IPAddress Nobody = IPAddress.Parse("192.0.2.255");

    private readonly DomainFindings findings = new("spf");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, IReadOnlyList<IPAddress> egress, CancellationToken cancel)
    {
        var answer = await dns.TxtAsync(domain, cancel);
        if (answer.Status == DnsStatus.Temporary)
        {
            findings.NoAnswer($"the TXT records of {domain}", answer.Detail);
            return findings.All;
        }

        string[] texts = [.. answer.Records.Where(SpfRecord.Is)];
        if (texts.Length != 1)
        {
            var advice = $"publish one TXT record at {domain}, such as 'v=spf1 {Terms(egress)}-all'";
            findings.Change(texts.Length == 0 ? "no SPF record" : $"{texts.Length} SPF records: none counts (RFC 7208 §4.5)", advice);
            return findings.All;
        }

        if (SpfRecordParser.Parse(texts[0], out var fault) is not { } record)
        {
            findings.Change($"the SPF record cannot be read: {fault}", "mend the record");
            return findings.All;
        }

        await WholeAsync(domain, record, cancel);
        foreach (var address in egress)
        {
            await AddressAsync(domain, address, cancel);
        }

        return findings.All;
    }

    private async Task WholeAsync(string domain, SpfRecord record, CancellationToken cancel)
    {
        var found = await EvaluateAsync(domain, Nobody, cancel);
        switch (found.Result)
        {
            case SpfResult.TempError:
                findings.NoAnswer("what the SPF record refers to", found.Detail);
                return;
            case SpfResult.PermError:
                findings.Change($"the SPF record does not hold: {found.Detail}", "mend the record, or what it includes; at most 10 of its terms may ask DNS");
                return;
            case SpfResult.Pass:
                findings.Change("the SPF record lets everybody send", "end it in '-all' or '~all'");
                return;
        }

        if (record.Directives.Any(directive => directive.Mechanism == SpfMechanism.Ptr))
        {
            findings.Better("the SPF record has 'ptr', which is slow and not to be used (RFC 7208 §5.5)", "name the addresses in its place");
        }

        if (found.Result is SpfResult.Neutral)
        {
            findings.Better($"the SPF record says nothing of strangers ({Questions(found)})", "end it in '-all' or '~all'");
        }
        else
        {
            findings.Right($"one SPF record, which holds ({Questions(found)}); to strangers it says {found.Result.Word()}");
        }
    }

    private async Task AddressAsync(string domain, IPAddress address, CancellationToken cancel)
    {
        var found = await EvaluateAsync(domain, address, cancel);
        switch (found.Result)
        {
            case SpfResult.Pass:
                findings.Right($"{address} may send ({found.Mechanism})");
                break;
            case SpfResult.TempError:
                findings.NoAnswer($"what the SPF record says of {address}", found.Detail);
                break;
            case SpfResult.PermError:
                // It is told already.
                break;
            default:
                findings.Change($"{address} may not send: {found.Result.Word()}", $"put '{Terms([address]).Trim()}' into the SPF record");
                break;
        }
    }

    private ValueTask<SpfEvaluation> EvaluateAsync(string domain, IPAddress address, CancellationToken cancel) =>
        evaluator.EvaluateAsync(SpfIdentity.MailFrom(address, hostName, $"postmaster@{domain}"), cancel);

    private static string Questions(SpfEvaluation found) => found.Lookups == 1 ? "1 question to DNS" : $"{found.Lookups} questions to DNS";

    private static string Terms(IEnumerable<IPAddress> addresses) => string.Concat(addresses.Select(address =>
        $"{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "ip4" : "ip6")}:{address} "));
}
