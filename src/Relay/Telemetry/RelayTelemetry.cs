using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Relay.Telemetry;

/// <summary>
/// Traces and metrics, under the one name <c>Relay</c>; <c>docs/telemetry.md</c> lists them all. With nobody listening
/// they cost next to nothing.
/// </summary>
public static class RelayTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Relay";

    /// <summary>The span of one step of one message; its parent is the session that handed the message in.</summary>
    public const string StepSpan = "relay.step";

    /// <summary>The span of one check of one message.</summary>
    public const string CheckSpan = "relay.check";

    private static readonly Meter Meter = new(Name);

    /// <summary>Whoever has certificates adds itself here.</summary>
    internal static Observed<double> CertificateDays { get; } = new();

    /// <summary>Whoever keeps destinations adds itself here.</summary>
    internal static Observed<long> BackedOff { get; } = new();

    /// <summary>Where spans come from.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Messages for which Relay took responsibility.</summary>
    public static Counter<long> Accepted { get; } =
        Meter.CreateCounter<long>("relay.accepted", "{message}", "Messages for which Relay took responsibility");

    /// <summary>Their octets.</summary>
    public static Counter<long> AcceptedBytes { get; } =
        Meter.CreateCounter<long>("relay.accepted.bytes", "By", "Octets of accepted messages");

    /// <summary>Messages that were refused at their end, by reply code.</summary>
    public static Counter<long> Refused { get; } =
        Meter.CreateCounter<long>("relay.refused", "{message}", "Messages refused after their content, by reply code");

    /// <summary>What became of recipients in an attempt or by a check from the queue, by state, reason and route.</summary>
    public static Counter<long> Outcomes { get; } =
        Meter.CreateCounter<long>("relay.outcomes", "{recipient}", "What attempts brought, by state, reason and route");

    /// <summary>Seconds from acceptance to delivery, by route.</summary>
    public static Histogram<double> DeliveryTime { get; } =
        Meter.CreateHistogram<double>("relay.delivery.time", "s", "From acceptance to delivery, by route");

    /// <summary>Addresses that bounced for good and entered the suppression list.</summary>
    public static Counter<long> Suppressions { get; } =
        Meter.CreateCounter<long>("relay.suppressions", "{address}", "Addresses that entered the suppression list because they bounced");

    /// <summary>Recipients that were refused at the door because they are on the suppression list.</summary>
    public static Counter<long> Suppressed { get; } =
        Meter.CreateCounter<long>("relay.suppressed", "{recipient}", "Recipients refused because they are on the suppression list");
    /// <summary>Destinations that are backed off now.</summary>
    public static ObservableGauge<long> DestinationsBackedOff { get; } = Meter.CreateObservableGauge(
        "relay.destinations.backed_off", BackedOff.Measure, "{destination}", "Destinations that could not be reached and are backed off");

    /// <summary>Works that came again later, since their destination had no room.</summary>
    public static Counter<long> PutOff { get; } =
        Meter.CreateCounter<long>("relay.put_off", "{work}", "Works put off, since their destination had no room");

    /// <summary>Works that were set aside.</summary>
    public static Counter<long> SetAside { get; } =
        Meter.CreateCounter<long>("relay.set_aside", "{work}", "Works set aside for an operator, by reason");

    /// <summary>Attempts to sign in that are not kept.</summary>
    public static Counter<long> SignInsDropped { get; } =
        Meter.CreateCounter<long>("relay.sign_ins.dropped", "{attempt}", "Attempts to sign in that were not kept");

    /// <summary>Days until the end of each certificate of this server, by its first name; below zero when it has passed.</summary>
    public static ObservableGauge<double> CertificateDaysLeft { get; } = Meter.CreateObservableGauge(
        "relay.certificate.days_left", CertificateDays.Measure, "d", "Days until a certificate of this server expires, by name");

    /// <summary>Attempts to sign in, by verdict and mechanism.</summary>
    public static Counter<long> SignIns { get; } =
        Meter.CreateCounter<long>("relay.sign_ins", "{attempt}", "Attempts to sign in, by verdict and mechanism");

    /// <summary>Checks that ran, by check, what they asked for, and why.</summary>
    public static Counter<long> Checks { get; } =
        Meter.CreateCounter<long>("relay.checks", "{check}", "Checks that ran, by check, what they asked for, and reason");

    /// <summary>Messages that are not kept for reports of DMARC, by cause.</summary>
    public static Counter<long> DmarcRecordsDropped { get; } =
        Meter.CreateCounter<long>("relay.dmarc_records.dropped", "{message}", "Messages that were not kept for DMARC reports, by cause");

    /// <summary>Sessions that are not kept for reports on TLS, by cause.</summary>
    public static Counter<long> TlsRecordsDropped { get; } =
        Meter.CreateCounter<long>("relay.tls_records.dropped", "{session}", "Sessions that were not kept for TLS reports, by cause");

    /// <summary>Fetches of MTA-STS policies, by result.</summary>
    public static Counter<long> StsFetches { get; } =
        Meter.CreateCounter<long>("relay.mta_sts.fetches", "{fetch}", "Fetches of MTA-STS policies, by result");

    /// <summary>Answers of lists in DNS, by list and what they say.</summary>
    public static Counter<long> DnsLists { get; } =
        Meter.CreateCounter<long>("relay.dns_lists", "{answer}", "Answers of lists in DNS, by list and result");
}
