namespace Relay.Transport;

/// <summary>How long the SMTP client waits for a remote server (RFC 5321 §4.5.3.2 unless said otherwise).</summary>
internal static class SmtpTimeouts
{
    /// <summary>For a TCP connection. No RFC says; a host that is up answers in a second or two.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(30);

    /// <summary>For the greeting (§4.5.3.2.1).</summary>
    public static readonly TimeSpan Greeting = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to EHLO, HELO and STARTTLS. No RFC says; taken as for MAIL.</summary>
    public static readonly TimeSpan Hello = TimeSpan.FromMinutes(5);

    /// <summary>For the whole TLS handshake. No RFC says.</summary>
    public static readonly TimeSpan TlsHandshake = TimeSpan.FromMinutes(1);

    /// <summary>For the reply to MAIL (§4.5.3.2.2).</summary>
    public static readonly TimeSpan Mail = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to each RCPT (§4.5.3.2.3).</summary>
    public static readonly TimeSpan Rcpt = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to DATA (§4.5.3.2.4).</summary>
    public static readonly TimeSpan DataInitiation = TimeSpan.FromMinutes(2);

    /// <summary>For the network to take a block of the content (§4.5.3.2.5).</summary>
    public static readonly TimeSpan DataBlock = TimeSpan.FromMinutes(3);

    /// <summary>For the reply to the final dot (§4.5.3.2.6). Too short a wait makes duplicates.</summary>
    public static readonly TimeSpan DataTermination = TimeSpan.FromMinutes(10);

    /// <summary>For the reply to RSET (as for MAIL).</summary>
    public static readonly TimeSpan Reset = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to QUIT: it decides nothing, so nobody waits long for it.</summary>
    public static readonly TimeSpan Quit = TimeSpan.FromSeconds(5);

    /// <summary>For a reply that a server left behind before it broke the connection.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
}
