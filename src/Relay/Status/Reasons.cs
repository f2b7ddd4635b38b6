namespace Relay.Status;

/// <summary>
/// The stable reason codes of states and events: programs and alerts match on them, so a code never changes its meaning.
/// <c>docs/flow.md</c> lists them all.
/// </summary>
public static class Reasons
{
    /// <summary>The next hop replied 2xx after the content.</summary>
    public const string Delivered = "delivered";

    /// <summary>Kept in the recipient's mailbox: final delivery.</summary>
    public const string DeliveredToMailbox = "delivered-to-mailbox";

    /// <summary>The mailbox cannot be written now: it is locked, or its disk or container is in trouble. A fault of ours, so the mail waits.</summary>
    public const string MailboxUnavailable = "mailbox-unavailable";

    /// <summary>The webhook has not taken the message: the mail waits.</summary>
    public const string WebhookFailed = "webhook-failed";

    /// <summary>The webhook has refused the message for good.</summary>
    public const string WebhookRefused = "webhook-refused";

    /// <summary>The webhook's URL leads to an address that is not of the public internet, and the route does not allow that.</summary>
    public const string WebhookForbidden = "webhook-forbidden";

    /// <summary>Kept in the spool by a capture route; nothing left the machine.</summary>
    public const string Captured = "captured";

    /// <summary>Dropped by a discard route.</summary>
    public const string Discarded = "discarded";

    /// <summary>The remote server replied 4xx to the recipient or its message.</summary>
    public const string RemoteTemporary = "remote-temporary";

    /// <summary>The remote server replied 5xx to the recipient or its message.</summary>
    public const string RemotePermanent = "remote-permanent";

    /// <summary>No connection to any host of the next hop could be opened.</summary>
    public const string ConnectFailed = "connect-failed";

    /// <summary>The connection broke, or the remote server closed it, before the message was taken.</summary>
    public const string ConnectionLost = "connection-lost";

    /// <summary>The remote server did not answer in the time of RFC 5321 §4.5.3.2.</summary>
    public const string RemoteTimeout = "remote-timeout";

    /// <summary>What the remote server sent is not SMTP.</summary>
    public const string RemoteProtocolError = "remote-protocol-error";

    /// <summary>The route or the message (RFC 8689) asks for TLS, and it was not to be had or could not be trusted.</summary>
    public const string TlsRequired = "tls-required";

    /// <summary>The next hop did not let us sign in, or no credentials were to be had: a fault of our configuration, so the mail waits.</summary>
    public const string LoginFailed = "login-failed";
    /// <summary>The domain's MTA-STS policy is to be enforced (RFC 8461), and no mail host of its list could be reached under TLS with a valid certificate.</summary>
    public const string MtaStsFailed = "mta-sts-failed";

    /// <summary>The mail host has TLSA records (RFC 7672), and did not prove itself by them, or they could not be had.</summary>
    public const string DaneFailed = "dane-failed";

    /// <summary>The message holds 8-bit text and the remote server has no 8BITMIME (RFC 6152 §3).</summary>
    public const string RemoteLacks8BitMime = "remote-lacks-8bitmime";

    /// <summary>The message needs SMTPUTF8 and the remote server has none (RFC 6531 §3.5).</summary>
    public const string RemoteLacksSmtpUtf8 = "remote-lacks-smtputf8";

    /// <summary>The message holds what is no text, and the remote server has no BINARYMIME with CHUNKING (RFC 3030 §3).</summary>
    public const string RemoteLacksBinaryMime = "remote-lacks-binarymime";

    /// <summary>The message asks for REQUIRETLS, and no host of the next hop has it (RFC 8689 §4.2.1).</summary>
    public const string RemoteLacksRequireTls = "remote-lacks-requiretls";

    /// <summary>The message is larger than the SIZE that the remote server states (RFC 1870).</summary>
    public const string RemoteSizeLimit = "remote-size-limit";

    /// <summary>The recipient's domain does not exist.</summary>
    public const string DomainNotFound = "domain-not-found";

    /// <summary>The domain says that it takes no mail (null MX, RFC 7505).</summary>
    public const string NullMx = "null-mx";

    /// <summary>The domain exists, but none of its mail hosts has an address.</summary>
    public const string NoMailHost = "no-mail-host";

    /// <summary>DNS gave no answer.</summary>
    public const string DnsTemporary = "dns-temporary";

    /// <summary>The best mail host of the domain is this relay itself (RFC 5321 §5.1).</summary>
    public const string MailLoop = "mail-loop";

    /// <summary>A service has it and will tell what becomes of it.</summary>
    public const string Submitted = "submitted";

    /// <summary>A service had it and did not tell in time what became of it.</summary>
    public const string Unreported = "unreported";

    /// <summary>The recipient is on the suppression list.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>Its destination is backed off as a whole, because it could not be reached: this message was not tried.</summary>
    public const string DestinationBackedOff = "destination-backed-off";

    /// <summary>The quota of the route is spent until the time of the next attempt.</summary>
    public const string QuotaSpent = "quota-spent";

    /// <summary>Sent on to other addresses, as a message of its own.</summary>
    public const string Forwarded = "forwarded";

    /// <summary>A remote host took it, and reported later that it cannot deliver it.</summary>
    public const string Returned = "returned";

    /// <summary>Mail to a return-path of ours: a report, and it was read.</summary>
    public const string ReportRead = "report-read";

    /// <summary>Mail to a return-path of ours that is no report; it is kept to be read.</summary>
    public const string NoReport = "no-report";

    /// <summary>Refused by a reject route.</summary>
    public const string RejectedByRoute = "rejected-by-route";

    /// <summary>Taken back by an operator.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The route cannot carry the message without loss, or takes none like it.</summary>
    public const string RouteCannotCarry = "route-cannot-carry";

    /// <summary>No route leads to the recipient.</summary>
    public const string NoRoute = "no-route";

    /// <summary>Deferred for longer than <c>Retry:MaxAge</c>.</summary>
    public const string RetryTimeExceeded = "retry-time-exceeded";

    /// <summary>A fault of Relay itself; the log has it. Always temporary.</summary>
    public const string InternalError = "internal-error";

    /// <summary>The spool cannot read what it holds; set aside for an operator.</summary>
    public const string SpoolCorrupt = "spool-corrupt";

    /// <summary>All runs of a step ended without a result, as when each took its process with it; set aside for an operator.</summary>
    public const string Poison = "poison";
}
