using System.Net;
using System.Net.Sockets;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;

namespace Relay.Checks;

/// <summary>Whether what the client calls itself is a host, and not one of ours (RFC 5321 §4.1.1.1). Its grammar is the session's to look at.</summary>
internal sealed class HeloCheck : ICheck
{
    private const string LiteralOfIpv6 = "IPv6:";

    private static readonly SmtpReply Refusal =
        new(ReplyCode.MailboxUnavailable, 7, 1, "The name in HELO belongs to this host, and not to the client");

    private readonly IDnsResolver dns;
    private readonly string hostName;
    private readonly HashSet<string> ownNames;
    private readonly HashSet<IPAddress> ownAddresses;

    public HeloCheck(RelayOptions options, IDnsResolver dns)
    {
        this.dns = dns;
        hostName = options.HostName;

        // A name of one label, such as localhost, is everybody's. Below a domain of ours there may be hosts of others.
        ownNames = options.Domains.Select(domain => domain.Name).Append(hostName)
            .Select(ToHostName).OfType<string>().Where(name => !name.StartsWith("*.", StringComparison.Ordinal))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        ownAddresses = options.Smtp.Listeners.Select(listener => listener.Address.Address)
            .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)).ToHashSet();
    }

    /// <inheritdoc/>
    public CheckName Name => CheckName.Helo;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Mail;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject.Helo is not { } helo)
        {
            return new CheckResult(Name);
        }

        if (AddressOf(helo) is { } address)
        {
            return await OfAddressAsync(address, isLiteral: helo.StartsWith('['), subject.ClientAddress, cancel);
        }

        if (ToHostName(helo) is not { } host)
        {
            return Tagged(CheckReasons.HeloNotAHost, "neither a whole domain name nor an address literal");
        }

        return ownNames.Contains(host) ? Own($"{host} is ours") : await OfHostAsync(host, cancel);
    }

    /// <summary>The client's own address in brackets says nothing new; any other says something wrong.</summary>
    private async ValueTask<CheckResult> OfAddressAsync(
        IPAddress named, bool isLiteral, IPAddress? client, CancellationToken cancel)
    {
        if (client is null || named.Equals(client))
        {
            return isLiteral ? new CheckResult(Name) : Tagged(CheckReasons.HeloNotAHost, "an address without brackets");
        }

        // Behind a load balancer no listener has the address that the world knows: DNS does.
        var known = await dns.AddressesAsync(hostName, named.AddressFamily, cancel);
        var result = ownAddresses.Contains(named) || known.Records.Contains(named) ? Own($"{named} is ours")
            : isLiteral ? Tagged(CheckReasons.HeloWrongAddress, $"{named} is not the client's address")
            : Tagged(CheckReasons.HeloNotAHost, "an address without brackets");
        return result with { Lookups = 1 };
    }

    /// <summary>A host's name must resolve (RFC 5321 §2.3.5).</summary>
    private async ValueTask<CheckResult> OfHostAsync(string host, CancellationToken cancel)
    {
        var addresses = await dns.AddressesAsync(host, cancel);
        var result = addresses.Status switch
        {
            DnsStatus.Found => new CheckResult(Name),
            DnsStatus.Temporary => new CheckResult(Name) { Reason = CheckReasons.NoAnswer, Detail = addresses.Detail },
            _ => Tagged(CheckReasons.HeloUnresolved, addresses.Detail ?? $"{host} has no address"),
        };
        return result with { Lookups = 2 };
    }

    private CheckResult Own(string detail) => new(Name)
    {
        Action = CheckAction.Reject,
        Reason = CheckReasons.HeloOwnName,
        Refusal = Refusal,
        Detail = detail,
    };

    private CheckResult Tagged(string reason, string detail) =>
        new(Name) { Action = CheckAction.Tag, Reason = reason, Detail = detail };

    /// <summary>The address that the client calls itself by, in brackets or without; null for a name.</summary>
    private static IPAddress? AddressOf(string helo)
    {
        var text = helo.AsSpan();
        if (text is ['[', .. var inner, ']'])
        {
            text = inner.StartsWith(LiteralOfIpv6, StringComparison.OrdinalIgnoreCase) ? inner[LiteralOfIpv6.Length..] : inner;
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        return address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    /// <summary>The name in A-labels; null for what can be no whole name of a host.</summary>
    private static string? ToHostName(string name) =>
        DomainName.TryToAscii(name, out var ascii) && ascii.Contains('.') && !ascii.StartsWith('[') ? ascii : null;
}
