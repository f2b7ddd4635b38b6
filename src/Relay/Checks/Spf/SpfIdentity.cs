using System.Net;
using System.Net.Sockets;
using Relay.Mail;

namespace Relay.Checks.Spf;

/// <summary>Who a client says that it sends for: one of the two identities of RFC 7208 §2.3 and §2.4.</summary>
public sealed record SpfIdentity
{
    /// <summary>Characters of each text of a client that are looked at; no domain is longer.</summary>
    private const int MaxText = 255;

    /// <summary>Stands for a local part where there is none (RFC 7208 §4.3).</summary>
    private const string Postmaster = "postmaster";

    private SpfIdentity(IPAddress client, string helo, string localPart, string domain)
    {
        Client = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        Helo = Cut(helo);
        LocalPart = localPart.Length == 0 ? Postmaster : Cut(localPart);
        // DNS knows A-labels alone (RFC 8616 §4). What cannot be a domain stays as it is: it has no record.
        Domain = DomainName.TryToAscii(domain, out var ascii) ? ascii : Cut(domain);
    }

    /// <summary>The address of the client; an IPv4 one is never mapped into IPv6 (RFC 7208 §5).</summary>
    public IPAddress Client { get; }

    /// <summary>What the client calls itself.</summary>
    public string Helo { get; }

    /// <summary>What stands before the @.</summary>
    public string LocalPart { get; }

    /// <summary>The domain that must vouch for the client; in A-labels.</summary>
    public string Domain { get; }

    /// <summary>The family of the client's address.</summary>
    internal AddressFamily Family => Client.AddressFamily;

    /// <summary>The MAIL FROM identity: of the null reverse-path, postmaster of the HELO domain (RFC 7208 §2.4).</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="helo">What it calls itself; may be empty.</param>
    /// <param name="reversePath">The address without brackets, as it may be written; empty for the null reverse-path.</param>
    public static SpfIdentity MailFrom(IPAddress client, string helo, string reversePath)
    {
        var at = reversePath.LastIndexOf('@');
        return reversePath.Length == 0 ? OfHelo(client, helo) : new(client, helo, at < 0 ? "" : reversePath[..at], reversePath[(at + 1)..]);
    }

    /// <summary>The MAIL FROM identity.</summary>
    public static SpfIdentity MailFrom(IPAddress client, string helo, ReversePath reversePath) =>
        reversePath.Mailbox is { } mailbox ? new(client, helo, mailbox.LocalPart, mailbox.Domain) : OfHelo(client, helo);

    /// <summary>The HELO identity.</summary>
    public static SpfIdentity OfHelo(IPAddress client, string helo) => new(client, helo, Postmaster, helo);

    private static string Cut(string text) => text.Length > MaxText ? text[..MaxText] : text;
}
