using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Telemetry;
using Relay.Transport.TlsReports;

namespace Relay.Transport.MxSecurity;

/// <summary>How TLS is to be with the hosts of one domain, for one attempt; and what is told of how it went.</summary>
internal sealed partial class DomainTls(
    MxGuard guard, MxTlsQuestion question, StsFinding sts, IReadOnlyDictionary<string, HostTls> hosts) : IHopTls
{
    /// <summary>Patterns of mail hosts that a record repeats. What domains say that have more would fill the file.</summary>
    private const int MaxPatterns = 50;

    private readonly ILogger log = guard.Log;

    private bool HasTestingPolicy => sts.Policy is { Mode: StsMode.Testing };

    /// <summary>The hosts that may get mail; of the others it is noted why they get none.</summary>
    public IReadOnlyList<NextHop> Admit(DeliveryAttempt attempt, IReadOnlyList<NextHop> hops)
    {
        if (sts.Failure is { } failure)
        {
            Tell(new TlsRecord { Policy = StsPolicyOf(), Failure = new(ResultOf(failure.Fault)) });
        }

        foreach (var host in hops.Select(hop => hop.Name).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (hosts[host].Refusal is { } refusal)
            {
                LogPassedOver(attempt.Request.Message, host, refusal.Reason, refusal.Reply.Text);
                attempt.NoteAll(refusal);
                TellRefused(host, refusal.Reason);
            }
        }

        return [.. hops.Where(hop => hosts[hop.Name].Policy is not null)];
    }

    public TlsPolicy For(NextHop hop) => hosts[hop.Name].Policy!;

    public void Opened(SmtpConnection connection)
    {
        var policy = PolicyOf(connection.Hop.Name);
        var failure = FailureOf(connection, policy.Type);
        if (failure is not null && HasTestingPolicy)
        {
            LogTestFailed(connection.Hop, question.AsciiDomain, failure.Result);
        }

        Tell(new TlsRecord { Policy = policy, Failure = failure });
    }

    public void Failed(NextHop hop, SmtpSessionException failure)
    {
        var policy = PolicyOf(hop.Name);
        Tell(new TlsRecord { Policy = policy, Failure = FailureAt(hop, failure.LocalAddress, ResultOf(failure.TlsFault ?? TlsFault.Other)) });
        if (HasTestingPolicy && policy.Type == TlsPolicyType.Sts)
        {
            LogTestFailed(hop, question.AsciiDomain, ResultOf(failure.TlsFault ?? TlsFault.Other));
        }
    }

    /// <summary>In plain words.</summary>
    public string Explain(string host)
    {
        var tls = hosts[host];
        var testing = HasTestingPolicy && tls.Policy?.Source == TlsSource.Route
            ? sts.Policy!.Matches(host) ? "; an MTA-STS policy in testing mode has the host" : "; an MTA-STS policy in testing mode does not have the host"
            : "";
        var failed = sts.Failure is { } failure ? $"; the MTA-STS policy that DNS announces cannot be had ({failure.Detail})" : "";
        return (tls.Policy?.ToString() ?? $"no mail: {tls.Refusal!.Reply.Text}") + testing + failed;
    }

    /// <summary>What was wrong with a session that came about: under a policy that is enforced nothing can be.</summary>
    private TlsRecordFailure? FailureOf(SmtpConnection connection, TlsPolicyType type)
    {
        TlsResult? result = !connection.IsUnderTls ? TlsResult.StartTlsNotSupported
            : type == TlsPolicyType.Sts && connection.CertificateFault is { } fault ? ResultOf(fault)
            : null;
        if (result is { } wrong)
        {
            return FailureAt(connection.Hop, connection.Channel.LocalAddress, wrong);
        }

        return type == TlsPolicyType.Sts && !sts.Policy!.Matches(connection.Hop.Name)
            ? FailureAt(connection.Hop, connection.Channel.LocalAddress, TlsResult.ValidationFailure, NotInPolicy)
            : null;
    }

    private const string NotInPolicy = "mx-not-in-policy";

    private void TellRefused(string host, string reason)
    {
        switch (reason)
        {
            case Status.Reasons.DaneFailed:
                Tell(new TlsRecord { Policy = new(TlsPolicyType.Tlsa, [], []), Failure = new(TlsResult.DnssecInvalid, Host: host) });
                break;
            case Status.Reasons.MtaStsFailed:
                Tell(new TlsRecord { Policy = StsPolicyOf(), Failure = new(TlsResult.ValidationFailure, Host: host, Reason: NotInPolicy) });
                break;
        }
    }

    private void Tell(TlsRecord record)
    {
        if (question.Asked.Mode != Routing.TlsMode.Off)
        {
            guard.Records?.Add(record with { At = guard.Time.GetUtcNow(), Domain = question.AsciiDomain });
        }
    }

    private TlsRecordPolicy PolicyOf(string host) => hosts[host].Policy is { Dane: { } dane }
        ? new(TlsPolicyType.Tlsa, [.. dane.Records.Select(record => $"_{question.Port}._tcp.{dane.Host}. IN TLSA {record}")], [])
        : sts.Policy is { Mode: not StsMode.None } ? StsPolicyOf()
        : TlsRecordPolicy.NotFound;

    private TlsRecordPolicy StsPolicyOf()
    {
        if (sts.Policy is not { } policy)
        {
            return new(TlsPolicyType.Sts, [], []);
        }

        var kept = policy with { Mx = [.. policy.Mx.Take(MaxPatterns)] };
        return new(TlsPolicyType.Sts, StsPolicyText.Lines(kept), kept.Mx);
    }

    private static TlsRecordFailure FailureAt(NextHop hop, IPAddress? from, TlsResult result, string? reason = null) =>
        new(result, from?.ToString(), hop.Name, hop.Address.Address.ToString(), reason);

    private static TlsResult ResultOf(TlsFault fault) => fault switch
    {
        TlsFault.NotOffered => TlsResult.StartTlsNotSupported,
        TlsFault.WrongName => TlsResult.CertificateHostMismatch,
        TlsFault.Expired => TlsResult.CertificateExpired,
        TlsFault.NotTrusted => TlsResult.CertificateNotTrusted,
        TlsFault.TlsaMismatch => TlsResult.TlsaInvalid,
        _ => TlsResult.ValidationFailure,
    };

    private static TlsResult ResultOf(StsFault fault) => fault switch
    {
        StsFault.Fetch => TlsResult.StsPolicyFetchError,
        StsFault.Certificate => TlsResult.StsWebpkiInvalid,
        _ => TlsResult.StsPolicyInvalid,
    };

    [LoggerMessage(EventIds.MxHostPassedOver, LogLevel.Information, "{MessageId} does not go to {Host}: {Reason}: {Cause}")]
    private partial void LogPassedOver(Mail.MessageId messageId, string host, string reason, string cause);

    [LoggerMessage(EventIds.StsTestFailed, LogLevel.Information, "TLS with {Host} is not as the MTA-STS policy of {Domain} tests for: {Result}")]
    private partial void LogTestFailed(NextHop host, string domain, TlsResult result);
}
