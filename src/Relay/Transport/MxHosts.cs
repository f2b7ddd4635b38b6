using System.Net;
using System.Net.Sockets;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>Where the mail of a domain goes: the hosts in the order to try them, or why there are none.</summary>
/// <param name="Hops">Empty when there is a verdict.</param>
/// <param name="Verdict">Null when there are hops.</param>
internal sealed record MxRoute(IReadOnlyList<NextHop> Hops, RecipientOutcome? Verdict)
{
    /// <summary>Mail hosts that are not tried.</summary>
    public IReadOnlyList<PassedHost> Passed { get; init; } = [];
}

/// <summary>The mail hosts of a domain in the order to try them, before their addresses are known.</summary>
/// <param name="Hosts">Empty when there is a verdict.</param>
/// <param name="Verdict">Null when there are hosts.</param>
internal sealed record MxOrder(IReadOnlyList<MailHost> Hosts, RecipientOutcome? Verdict)
{
    /// <inheritdoc cref="MxRoute.Passed"/>
    public IReadOnlyList<PassedHost> Passed { get; init; } = [];
}

/// <summary>A mail host that is not tried.</summary>
/// <param name="Host">The host.</param>
/// <param name="Why">Why not, in words.</param>
internal sealed record PassedHost(MailHost Host, string Why);

/// <summary>A mail host of a domain before its addresses are known.</summary>
internal sealed record MailHost(int Preference, string Name);

/// <summary>
/// The rules of RFC 5321 §5.1, given the answers of DNS: it asks nobody. First <see cref="Order"/> for the hosts, then
/// <see cref="Route"/> with their addresses.
/// </summary>
/// <param name="ownName">The name of this relay.</param>
/// <param name="listeners">Addresses and ports on which this relay takes mail.</param>
/// <param name="random">Mixes hosts of equal preference; used under a lock.</param>
internal sealed class MxHosts(string ownName, IReadOnlySet<IPEndPoint> listeners, Random random)
{
    /// <summary>Hosts considered at most, the best first. No honest domain has more, and each costs two questions.</summary>
    public const int MaxHosts = 10;

    /// <summary>Addresses of one host at most, so that a host with many dead ones does not hide the next host.</summary>
    public const int MaxAddressesPerHost = 4;

    /// <summary>Addresses tried in one attempt at most.</summary>
    public const int MaxAddresses = 10;

    private const string IsThisRelay = "this relay itself";
    private const string LeadsBack = "not better than this relay itself, so it would bring the mail back";
    private static readonly string HostTooMany = $"{MaxHosts} better hosts are enough";
    private static readonly string AddressTooMany = $"{MaxAddresses} addresses are enough";

    /// <summary>Of a relay with these options.</summary>
    /// <param name="options">Its name, and where it listens.</param>
    /// <param name="random">Mixes hosts of equal preference; used under a lock.</param>
    /// <param name="listeners">Where it listens, if not where the options say.</param>
    public static MxHosts Of(RelayOptions options, Random random, IEnumerable<IPEndPoint>? listeners) => new(
        DomainName.TryToAscii(options.HostName, out var name) ? name : options.HostName,
        OwnAddresses.Of(listeners ?? options.Smtp.Listeners.Select(l => l.Address)),
        random);

    /// <summary>The mail hosts of a domain: by preference, those of equal preference mixed, none from ourselves on.</summary>
    public MxOrder Order(string domain, DnsAnswer<MxRecord> answer)
    {
        switch (answer.Status)
        {
            case DnsStatus.Temporary:
                return new([], Deferred(domain, answer.Detail));
            case DnsStatus.NoSuchName:
                return new([], Bounced(
                    Reasons.DomainNotFound, new(ReplyCode.MailboxUnavailable, 1, 2, $"The domain {domain} does not exist")));
        }

        // Without MX the domain is its own mail host (RFC 5321 §5.1). A null MX stands alone; beside real ones it says
        // nothing (RFC 7505 §3).
        var hosts = answer.Status == DnsStatus.NoRecords
            ? [new MailHost(0, DomainName.TryToAscii(domain, out var ascii) ? ascii : domain)]
            : answer.Records.Where(r => r.Exchange.Length > 0).Select(r => new MailHost(r.Preference, r.Exchange)).ToArray();
        if (hosts.Length == 0)
        {
            return new([], Bounced(Reasons.NullMx, new(ReplyCode.NullMx, 1, 10, $"The domain {domain} takes no mail")));
        }

        lock (random)
        {
            random.Shuffle(hosts);
        }

        // OrderBy is stable: equal preference stays mixed.
        var ordered = hosts.OrderBy(h => h.Preference).DistinctBy(h => h.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var own = OwnPreference(ordered.Where(IsOurselves));
        var others = ordered.Where(h => h.Preference < own).Take(MaxHosts).ToArray();
        return new(others, others.Length == 0 ? Loop(domain) : null)
        {
            Passed = ordered.Count == others.Length
                ? []
                : [.. ordered.Skip(others.Length).Select(h => new PassedHost(h, h.Preference < own ? HostTooMany : IsOurselves(h) ? IsThisRelay : LeadsBack))],
        };
    }

    /// <summary>The hops of a domain from its ordered hosts and their addresses, one answer for each host.</summary>
    public MxRoute Route(string domain, int port, IReadOnlyList<MailHost> hosts, IReadOnlyList<DnsAnswer<IPAddress>> answers)
    {
        var all = hosts
            .Zip(answers, (host, answer) =>
                new AskedHost(host, answer, answer.Records.Select(Plain).Where(NextHop.IsHostAddress).ToArray()))
            .ToArray();
        var own = OwnPreference(all.Where(a => a.Addresses.Any(address => IsOurselves(address, port))).Select(a => a.Host));
        var better = all.Where(a => a.Host.Preference < own).ToArray();
        var others = better.Where(a => a.Addresses.Count > 0).ToArray();
        if (others.Length == 0)
        {
            return new([], NoneLeft(domain, better, isLoop: own != int.MaxValue)) { Passed = Passed(all, [], own, port) };
        }

        var hops = others
            .SelectMany(other => Mix(other.Addresses)
                .Take(MaxAddressesPerHost)
                .Select(address => new NextHop(other.Host.Name, new IPEndPoint(address, port))))
            .DistinctBy(hop => hop.Address)
            .Take(MaxAddresses)
            .ToArray();
        return new(hops, null) { Passed = Passed(all, hops, own, port) };
    }

    /// <summary>The hop of an address literal (RFC 5321 §4.1.3, §5.1): no DNS, the address alone.</summary>
    public MxRoute Literal(Mailbox recipient, int port)
    {
        var text = recipient.Domain.AsSpan()[1..^1];
        var address = Plain(IPAddress.Parse(text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text));
        if (!NextHop.IsHostAddress(address))
        {
            return new([], Bounced(
                Reasons.NoMailHost, new(ReplyCode.MailboxUnavailable, 4, 4, $"{recipient.Domain} is not the address of a host")));
        }

        return IsOurselves(address, port)
            ? new([], Loop(recipient.Domain))
            : new([new NextHop(address.ToString(), new IPEndPoint(address, port))], null);
    }

    /// <summary>Those of whom no address is tried, and why.</summary>
    private IReadOnlyList<PassedHost> Passed(AskedHost[] all, NextHop[] hops, int own, int port) =>
    [
        .. from asked in all
           where !Array.Exists(hops, hop => hop.Name == asked.Host.Name)
           select new PassedHost(
               asked.Host,
               asked.Addresses.Any(address => IsOurselves(address, port)) ? IsThisRelay
               : asked.Host.Preference >= own ? LeadsBack
               : asked.Addresses.Count > 0 ? AddressTooMany
               : asked.Answer.Status == DnsStatus.Temporary ? "DNS gave no answer for its address"
               : asked.Answer.Records.Count > 0 ? "it has no address that can be of a host"
               : "it has no address"),
    ];

    /// <summary>
    /// Two families in turn, IPv4 first, each mixed: when one family does not work from here, every second try still does.
    /// IPv4 leads because it is there that a relay's name and reputation are usually set up.
    /// </summary>
    private IEnumerable<IPAddress> Mix(IReadOnlyList<IPAddress> addresses)
    {
        var v4 = addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).ToArray();
        var v6 = addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6).ToArray();
        lock (random)
        {
            random.Shuffle(v4);
            random.Shuffle(v6);
        }

        for (var i = 0; i < Math.Max(v4.Length, v6.Length); i++)
        {
            if (i < v4.Length)
            {
                yield return v4[i];
            }

            if (i < v6.Length)
            {
                yield return v6[i];
            }
        }
    }

    private bool IsOurselves(MailHost host) => string.Equals(host.Name, ownName, StringComparison.OrdinalIgnoreCase);

    private bool IsOurselves(IPAddress address, int port) => listeners.Contains(new IPEndPoint(address, port));

    /// <summary>An IPv4 address that comes as IPv6 is the same host, and must be known as such.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>
    /// RFC 5321 §5.1: a relay that finds itself in the list drops itself and all hosts of the same or a worse preference,
    /// since they would only bring the mail back.
    /// </summary>
    private static int OwnPreference(IEnumerable<MailHost> ourselves) =>
        ourselves.Select(host => host.Preference).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>
    /// One name server that gave no answer keeps the mail for later. Otherwise the domain has mail hosts in name only, which
    /// RFC 5321 §5.1 says MUST be reported as an error; 5.4.4 (unable to route, RFC 3463 §3.5) is what Postfix says too.
    /// </summary>
    private static RecipientOutcome NoneLeft(string domain, IEnumerable<AskedHost> better, bool isLoop)
    {
        if (better.FirstOrDefault(a => a.Answer.Status == DnsStatus.Temporary) is { } temporary)
        {
            return Deferred(domain, temporary.Answer.Detail);
        }

        return isLoop
            ? Loop(domain)
            : Bounced(Reasons.NoMailHost, new(ReplyCode.MailboxUnavailable, 4, 4, $"No mail host of {domain} has an address"));
    }

    private static RecipientOutcome Loop(string domain) =>
        Bounced(Reasons.MailLoop, new(ReplyCode.TransactionFailed, 4, 6, $"The best mail host of {domain} is this relay itself"));

    private static RecipientOutcome Deferred(string domain, string? detail) =>
        new(OutcomeKind.Deferred, Reasons.DnsTemporary, null,
            new(ReplyCode.LocalError, 4, 3, $"DNS gave no answer for {domain}{(detail is null ? "" : ": ")}{detail}"));

    private static RecipientOutcome Bounced(string reason, SmtpReply reply) => new(OutcomeKind.Bounced, reason, null, reply);

    private sealed record AskedHost(MailHost Host, DnsAnswer<IPAddress> Answer, IReadOnlyList<IPAddress> Addresses);
}
