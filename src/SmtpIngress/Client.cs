using System.Net;
using Relay.Accounts;
using Relay.Mail;
using Relay.SmtpIngress.Tls;

namespace Relay.SmtpIngress;

/// <summary>Who is on the other side, as far as is known now. STARTTLS and XCLIENT make a new one of it.</summary>
internal sealed class Client(IPAddress? address, bool isTrusted, TlsParameters? tls)
{
    /// <summary>Null where it is not known: then nothing is trusted by network, by construction.</summary>
    public IPAddress? Address { get; } = address;

    /// <summary>It is in one of the trusted networks: it may relay, and its syntax may be sloppy.</summary>
    public bool IsTrusted { get; } = isTrusted && address is not null;

    /// <summary>What its TLS agreed on; null in clear.</summary>
    public TlsParameters? Tls => tls;

    /// <summary>What it called itself; null before HELO and EHLO.</summary>
    public string? Helo { get; set; }

    /// <summary>It said EHLO.</summary>
    public bool IsExtended { get; set; }

    /// <summary>Whom it has signed in as; null when it has not.</summary>
    public Account? Account { get; set; }

    /// <summary>It has used syntax that the RFC does not allow, and was understood all the same.</summary>
    public bool IsLenient { get; set; }

    /// <summary>It may send to anywhere.</summary>
    public bool MayRelay => IsTrusted || Account is not null;

    /// <summary>Who hands in a message, for its <c>Received:</c> field and its status.</summary>
    public Origin ToOrigin(string session, bool smtpUtf8) => new()
    {
        Protocol = Protocol(smtpUtf8),
        ClientAddress = Address is null ? null : Origin.Text(Address),
        Helo = Helo,
        SessionId = session,
        Account = Account?.Name,
        Tls = tls is null ? null : $"{tls.Protocol} {tls.CipherSuite}",
        Lenient = IsLenient,
        IsMember = MayRelay,
    };

    /// <summary>The <c>with</c> clause: RFC 3848, and RFC 6531 §4.3 for mail that came with SMTPUTF8.</summary>
    private string Protocol(bool smtpUtf8) => (IsExtended, smtpUtf8, Secure: tls is not null, SignedIn: Account is not null) switch
    {
        (false, _, false, _) => "SMTP",
        (false, _, true, _) => "SMTPS",
        (true, false, false, false) => "ESMTP",
        (true, false, false, true) => "ESMTPA",
        (true, false, true, false) => "ESMTPS",
        (true, false, true, true) => "ESMTPSA",
        (true, true, false, false) => "UTF8SMTP",
        (true, true, false, true) => "UTF8SMTPA",
        (true, true, true, false) => "UTF8SMTPS",
        (true, true, true, true) => "UTF8SMTPSA",
    };
}
