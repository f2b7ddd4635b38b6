using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Relay.Dns;
using Relay.Support;

namespace Relay.Tests.Checks.Spf;

/// <summary>The cases of the openspf suite for RFC 7208, and the zones that they are asked in.</summary>
internal static class SpfSuite
{
    public static readonly string File = Suites.File("spf/rfc7208-tests.json");

    private static readonly Lazy<Section[]> Sections = new(() => [.. Read()]);

    /// <summary>Section and name of every case; none when the suite is not there.</summary>
    public static IEnumerable<(int Section, string Name)> Names() =>
        System.IO.File.Exists(File)
            ? Sections.Value.SelectMany((section, i) => section.Cases.Keys.Select(name => (i, name)))
            : [];

    public static SpfCase Case(int section, string name) => Sections.Value[section].Cases[name];

    /// <summary>Publishes the zone of a section. The names without an answer are left to the one who asks.</summary>
    public static void Publish(int section, LoopbackDns dns) => Sections.Value[section].Zone.ForEach(entry => entry.Publish(dns));

    /// <summary>What gives no answer at all: with a real server, that would be a wait.</summary>
    public static TableDns Silence(int section)
    {
        var silence = new TableDns();
        foreach (var entry in Sections.Value[section].Zone.Where(entry => entry.IsSilent))
        {
            foreach (var type in new[] { "A", "AAAA", "MX", "PTR", "TXT" }.Where(type => !entry.Has(type)))
            {
                silence.Silent(entry.Name, type);
            }
        }

        return silence;
    }

    private static IEnumerable<Section> Read()
    {
        using var suite = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        foreach (var section in suite.RootElement.EnumerateArray())
        {
            yield return new Section(
                section.GetProperty("tests").EnumerateObject().ToDictionary(test => test.Name, test => SpfCase.Read(test.Value)),
                [.. section.GetProperty("zonedata").EnumerateObject().Select(entry => ZoneEntry.Read(entry.Name, entry.Value))]);
        }
    }

    private sealed record Section(Dictionary<string, SpfCase> Cases, List<ZoneEntry> Zone);

    /// <summary>One name of a zone.</summary>
    private sealed record ZoneEntry(string Name, bool IsSilent, List<(string Type, JsonElement Value)> Records)
    {
        public static ZoneEntry Read(string name, JsonElement entries)
        {
            var records = entries.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object)
                .Select(entry => entry.EnumerateObject().Single()).Select(entry => (entry.Name, entry.Value.Clone())).ToList();
            return new ZoneEntry(name, entries.EnumerateArray().Any(entry => entry.ValueKind == JsonValueKind.String), records);
        }

        /// <summary>An SPF record stands for TXT, unless there is a TXT entry too: NONE says that there is nothing.</summary>
        public bool Has(string type) => type == "TXT"
            ? Texts().Any()
            : Records.Any(record => record.Type == type);

        public void Publish(LoopbackDns dns)
        {
            foreach (var text in Texts())
            {
                dns.TxtOctets(Name, text);
            }

            foreach (var (type, value) in Records)
            {
                _ = type switch
                {
                    "A" => dns.A(Name, value.GetString()!),
                    "AAAA" => dns.Aaaa(Name, value.GetString()!),
                    "MX" => dns.Mx(Name, value[0].GetInt32(), value[1].GetString()!),
                    "PTR" => dns.PtrOf(Name, value.GetString()!),
                    "CNAME" => dns.Cname(Name, value.GetString()!),
                    _ => dns,
                };
            }
        }

        private IEnumerable<string[]> Texts()
        {
            var wanted = Records.Any(record => record.Type == "TXT") ? "TXT" : "SPF";
            return Records.Where(record => record.Type == wanted).Select(record => Strings(record.Value)).Where(text => text is not ["NONE"]);
        }

        private static string[] Strings(JsonElement value) => value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(part => part.GetString()!)]
            : [value.GetString()!];
    }
}

/// <summary>One case: what is asked, and what may come of it.</summary>
internal sealed record SpfCase(string Client, string Helo, string MailFrom, string[] Results, string? Explanation)
{
    /// <summary>Stands for the words of whoever checks.</summary>
    public const string DefaultExplanation = "DEFAULT";

    public static SpfCase Read(JsonElement test) => new(
        test.GetProperty("host").GetString()!,
        test.GetProperty("helo").GetString()!,
        test.GetProperty("mailfrom").GetString()!,
        test.GetProperty("result") is { ValueKind: JsonValueKind.Array } results
            ? [.. results.EnumerateArray().Select(result => result.GetString()!)]
            : [test.GetProperty("result").GetString()!],
        test.TryGetProperty("explanation", out var explanation) ? explanation.GetString() : null);
}

/// <summary>Real DNS, but for the questions that nobody answers.</summary>
internal sealed class PartlySilentDns(IDnsResolver real, TableDns silence) : IDnsResolver
{
    public Task<DnsAnswer<MxRecord>> MxAsync(string domain, CancellationToken cancel) =>
        AskAsync(dns => dns.MxAsync(domain, cancel));

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel) =>
        AskAsync(dns => dns.AddressesAsync(host, cancel));

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, AddressFamily family, CancellationToken cancel) =>
        AskAsync(dns => dns.AddressesAsync(host, family, cancel));

    public Task<DnsAnswer<string>> TxtAsync(string name, CancellationToken cancel) =>
        AskAsync(dns => dns.TxtAsync(name, cancel));

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel) =>
        AskAsync(dns => dns.AliasAsync(name, cancel));

    public Task<DnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancel) =>
        AskAsync(dns => dns.NamesAsync(address, cancel));

    public Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel) =>
        AskAsync(dns => dns.TlsaAsync(name, cancel));

    private async Task<DnsAnswer<T>> AskAsync<T>(Func<IDnsResolver, Task<DnsAnswer<T>>> ask)
    {
        var answer = await ask(silence);
        return answer.Status == DnsStatus.Temporary ? answer : await ask(real);
    }
}
