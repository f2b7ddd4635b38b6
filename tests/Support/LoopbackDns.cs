using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Relay.Options;
using ReverseName = Relay.Dns.ReverseName;

namespace Relay.Support;

/// <summary>
/// A real DNS server on a free loopback port, over UDP and TCP. A name that was given any record exists; all others are
/// NXDOMAIN. Negative answers carry an SOA, so that they can be cached.
/// </summary>
public sealed class LoopbackDns : IAsyncDisposable
{
    private const int PositiveTtl = 60;
    private readonly ConcurrentDictionary<(string Name, RecordType Type), List<DnsRecordBase>> records = new();
    private readonly ConcurrentDictionary<string, bool> names = new();
    private readonly ConcurrentDictionary<(string Name, RecordType Type), Func<Task<ReturnCode?>>> faults = new();
    private readonly ConcurrentDictionary<(string Name, RecordType Type), int> questions = new();
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DnsServer server;
    private readonly IServerTransport[] transports;

    private LoopbackDns(IPEndPoint endPoint)
    {
        EndPoint = endPoint;
        transports = [new UdpServerTransport(endPoint), new TcpServerTransport(endPoint)];
        server = new DnsServer(transports);
        server.QueryReceived += OnQueryAsync;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Options for a resolver that asks this server alone.</summary>
    public DnsOptions Options => new() { Servers = [EndPoint], Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Seconds that negative answers may be cached; 0 for not at all.</summary>
    public int NegativeTtl { get; set; } = 60;

    /// <summary>False makes a server that gives a CNAME and leaves it to the client to ask on.</summary>
    public bool FollowsAliases { get; set; } = true;

    public static LoopbackDns Start()
    {
        // UDP and TCP need the same free port: find one that both take.
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var endPoint = (IPEndPoint)probe.LocalEndPoint!;
            probe.Close();
            try
            {
                var dns = new LoopbackDns(endPoint);
                dns.server.Start();
                return dns;
            }
            catch (SocketException) when (attempt < 20)
            {
                // Somebody else took it in between.
            }
        }
    }

    public LoopbackDns Mx(string name, int preference, string exchange) =>
        Add(new MxRecord(Parse(name), PositiveTtl, (ushort)preference, Parse(exchange)));

    public LoopbackDns A(string name, params string[] addresses) =>
        addresses.Aggregate(this, (dns, address) => dns.Add(new ARecord(Parse(name), PositiveTtl, IPAddress.Parse(address))));

    public LoopbackDns Aaaa(string name, params string[] addresses) =>
        addresses.Aggregate(this, (dns, address) => dns.Add(new AaaaRecord(Parse(name), PositiveTtl, IPAddress.Parse(address))));

    public LoopbackDns Cname(string name, string target) =>
        Add(new CNameRecord(Parse(name), PositiveTtl, Parse(target)));

    /// <summary>A TXT record, in as many strings as its length needs.</summary>
    public LoopbackDns Txt(string name, string text) => TxtOctets(name, [.. text.Chunk(byte.MaxValue).Select(part => new string(part))]);

    /// <summary>A TXT record of any octets, each character one, in several strings.</summary>
    public LoopbackDns TxtOctets(string name, params string[] strings) => Add(new UnknownRecord(
        Parse(name), RecordType.Txt, RecordClass.INet, PositiveTtl,
        [.. strings.DefaultIfEmpty("").SelectMany(text => Encoding.Latin1.GetBytes(text).Prepend((byte)text.Length))]));

    /// <summary>Names by the name in in-addr.arpa or ip6.arpa.</summary>
    public LoopbackDns PtrOf(string reverseName, string host) => Add(new PtrRecord(Parse(reverseName), PositiveTtl, Parse(host)));

    /// <summary>The names of an address.</summary>
    public LoopbackDns Ptr(string address, params string[] names) => names.Aggregate(this, (dns, name) =>
        dns.Add(new PtrRecord(Parse(ReverseName.Of(IPAddress.Parse(address))), PositiveTtl, Parse(name))));

    /// <summary>A TLSA record as it comes, be it wrong.</summary>
    public LoopbackDns Tlsa(string name, byte usage, byte selector, byte matchingType, byte[] data) => Add(new UnknownRecord(
        Parse(name), RecordType.Tlsa, RecordClass.INet, PositiveTtl, [usage, selector, matchingType, .. data]));

    /// <summary>Answers about names that this is true of have the AD bit, as from a server that has validated them.</summary>
    public Func<string, bool> IsSecure { get; set; } = _ => false;

    /// <summary>All records of a name are gone.</summary>
    public LoopbackDns Remove(string name, string type)
    {
        records.TryRemove((Key(name), Enum.Parse<RecordType>(type, ignoreCase: true)), out _);
        return this;
    }

    /// <summary>The name answers SERVFAIL to this type of question.</summary>
    public LoopbackDns ServFail(string name, string type) => Fault(name, type, () => Task.FromResult<ReturnCode?>(null));

    /// <summary>The name answers REFUSED to this type of question.</summary>
    public LoopbackDns Refused(string name, string type) =>
        Fault(name, type, () => Task.FromResult<ReturnCode?>(ReturnCode.Refused));

    /// <summary>The name gives no answer at all to this type of question.</summary>
    public LoopbackDns Silent(string name, string type) => Fault(name, type, async () =>
    {
        await stopped.Task;
        return null;
    });

    /// <summary>How often a question was asked.</summary>
    public int Questions(string name, string type) =>
        questions.GetValueOrDefault((Key(name), Enum.Parse<RecordType>(type, ignoreCase: true)));

    public ValueTask DisposeAsync()
    {
        stopped.TrySetResult();
        try
        {
            server.Stop();
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
            // It does not stop in good order when it was never asked anything: the rest of its stopping is here.
            foreach (var transport in transports)
            {
                transport.Close();
            }
        }

        return ValueTask.CompletedTask;
    }

    private LoopbackDns Add(DnsRecordBase record)
    {
        records.GetOrAdd((Key(record.Name.ToString()), record.RecordType), _ => []).Add(record);
        names[Key(record.Name.ToString())] = true;
        return this;
    }

    private LoopbackDns Fault(string name, string type, Func<Task<ReturnCode?>> fault)
    {
        faults[(Key(name), Enum.Parse<RecordType>(type, ignoreCase: true))] = fault;
        return this;
    }

    private async Task OnQueryAsync(object sender, QueryReceivedEventArgs e)
    {
        if (e.Query is not DnsMessage query || query.Questions.Count != 1)
        {
            return;
        }

        var name = Key(query.Questions[0].Name.ToString());
        var type = query.Questions[0].RecordType;
        questions.AddOrUpdate((name, type), 1, (_, count) => count + 1);
        var response = query.CreateResponseInstance();
        if (faults.TryGetValue((name, type), out var fault))
        {
            if (await fault() is not { } code)
            {
                // No response set: the server says SERVFAIL.
                return;
            }

            response.ReturnCode = code;
        }
        else
        {
            Answer(response, name, type);
            response.IsAuthenticData = IsSecure(name) && response.AnswerRecords.All(record => IsSecure(Key(record.Name.ToString())));
        }

        e.Response = response;
    }

    private void Answer(DnsMessage response, string name, RecordType type)
    {
        response.ReturnCode = ReturnCode.NoError;
        for (var aliases = 0; aliases < 32 && type != RecordType.CName && records.TryGetValue((name, RecordType.CName), out var alias); aliases++)
        {
            response.AnswerRecords.Add(alias[0]);
            if (!FollowsAliases)
            {
                return;
            }

            name = Key(((CNameRecord)alias[0]).CanonicalName.ToString());
        }

        if (records.TryGetValue((name, type), out var found))
        {
            response.AnswerRecords.AddRange(found);
            return;
        }

        response.ReturnCode = names.ContainsKey(name) ? ReturnCode.NoError : ReturnCode.NxDomain;
        if (NegativeTtl > 0)
        {
            response.AuthorityRecords.Add(new SoaRecord(
                Parse("test"), NegativeTtl, Parse("ns.test"), Parse("hostmaster.test"), 1, 3600, 600, 86400, NegativeTtl));
        }
    }

    private static DomainName Parse(string name) => name is "." or "" ? DomainName.Root : DomainName.Parse(name);

    private static string Key(string name) => name.TrimEnd('.').ToLowerInvariant();
}
