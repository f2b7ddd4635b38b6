namespace Relay.Checks;

/// <summary>The checks, by the names that the configuration, the log and the metrics use for them. They are told in this order.</summary>
public enum CheckName
{
    /// <summary>Lists of our own: addresses, HELO names, senders, recipients.</summary>
    Lists,

    /// <summary>What the client calls itself.</summary>
    Helo,

    /// <summary>The name that DNS has for the client's address.</summary>
    ReverseDns,

    /// <summary>Lists that others publish in DNS (RFC 5782).</summary>
    DnsLists,

    /// <summary>SPF (RFC 7208).</summary>
    Spf,

    /// <summary>The shape of the header.</summary>
    Header,

    /// <summary>DKIM (RFC 6376).</summary>
    Dkim,

    /// <summary>ARC (RFC 8617).</summary>
    Arc,

    /// <summary>DMARC (RFC 9989).</summary>
    Dmarc,

    /// <summary>The names of attachments.</summary>
    Attachments,

    /// <summary>A filter outside of Relay.</summary>
    Filter,
}
