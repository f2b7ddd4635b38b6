using System.Diagnostics.Metrics;
using System.Net;
using Relay.Checks;
using Relay.Checks.DnsLists;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Checks.DnsLists;

/// <summary>The check of lists in DNS over a resolver that is given; it keeps the log and the metric.</summary>
internal sealed class DnsListsHarness : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly HashSet<string> zones;
    private readonly DnsListsCheck check;

    public DnsListsHarness(IDnsResolver resolver, TimeProvider time, int threshold, params DnsListOptions[] lists)
    {
        var options = new RelayOptions { HostName = "mx.example.com", Data = "", DnsLists = lists, DnsListThreshold = threshold };
        check = new DnsListsCheck(options, resolver, time, Log);
        zones = [.. lists.Select(list => list.Zone)];
        // Made before anybody listens: whoever makes the first instrument publishes it while the others are not there yet.
        var wanted = RelayTelemetry.DnsLists;
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument == wanted)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        // Other tests ask lists at the same time: each test has zones of its own.
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var (list, result) = ((string)tags[0].Value!, (string)tags[1].Value!);
            if (zones.Contains(list))
            {
                lock (zones)
                {
                    Counted.Add($"{list} {result}");
                }
            }
        });
        listener.Start();
    }

    public DnsListsHarness(LoopbackDns dns, params DnsListOptions[] lists)
        : this(new DnsResolver(dns.Options, TimeProvider.System), TimeProvider.System, 1, lists)
    {
    }

    public RecordingLog<DnsListsCheck> Log { get; } = new();

    public List<string> Counted { get; } = [];

    public async Task<CheckResult> RunAsync(string? address, string? helo = null, string? sender = null) =>
        await check.RunAsync(Subject(address, helo, sender), default);

    public static CheckSubject Subject(string? address, string? helo = null, string? sender = null) => new()
    {
        ClientAddress = address is null ? null : IPAddress.Parse(address),
        Helo = helo,
        ReversePath = sender is null ? null : sender.Length == 0 ? ReversePath.Null : new ReversePath(Parse(sender)),
    };

    public void Dispose() => listener.Dispose();

    private static Mailbox Parse(string text) =>
        Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new ArgumentException(text);
}
