namespace Relay.Replies;

/// <summary>The reply codes that Relay gives or must tell apart (RFC 5321 §4.2.3 unless said otherwise).</summary>
public static class ReplyCode
{
    /// <summary>System status or help.</summary>
    public const int Help = 214;

    /// <summary>Service ready: the greeting.</summary>
    public const int Ready = 220;

    /// <summary>Closing: the answer to QUIT.</summary>
    public const int Closing = 221;

    /// <summary>Completed.</summary>
    public const int Ok = 250;

    /// <summary>Cannot verify, but will try: the answer to VRFY.</summary>
    public const int CannotVerify = 252;

    /// <summary>Start mail input.</summary>
    public const int StartMailInput = 354;

    /// <summary>Service not available, closing the channel.</summary>
    public const int Unavailable = 421;

    /// <summary>Mailbox busy or blocked.</summary>
    public const int MailboxBusy = 450;

    /// <summary>Local error in processing.</summary>
    public const int LocalError = 451;

    /// <summary>Not enough storage; too many recipients (RFC 5321 §4.5.3.1.10).</summary>
    public const int InsufficientStorage = 452;

    /// <summary>Command unrecognised, or its line too long.</summary>
    public const int SyntaxError = 500;

    /// <summary>Syntax error in parameters.</summary>
    public const int ParameterError = 501;

    /// <summary>Command not implemented.</summary>
    public const int NotImplemented = 502;

    /// <summary>Bad sequence of commands.</summary>
    public const int BadSequence = 503;

    /// <summary>Signed in (RFC 4954 §6).</summary>
    public const int SignedIn = 235;

    /// <summary>A challenge of AUTH (RFC 4954 §4).</summary>
    public const int Challenge = 334;

    /// <summary>Temporary failure of AUTH (RFC 4954 §6).</summary>
    public const int TemporaryAuthFailure = 454;

    /// <summary>Authentication is required (RFC 4954 §6).</summary>
    public const int AuthenticationRequired = 530;

    /// <summary>Credentials are not valid (RFC 4954 §6).</summary>
    public const int BadCredentials = 535;

    /// <summary>Mailbox unavailable, or refused by policy.</summary>
    public const int MailboxUnavailable = 550;

    /// <summary>Message exceeds fixed maximum size (RFC 1870 §6).</summary>
    public const int ExceededStorage = 552;

    /// <summary>Mailbox name not allowed.</summary>
    public const int MailboxNameNotAllowed = 553;

    /// <summary>Transaction failed.</summary>
    public const int TransactionFailed = 554;

    /// <summary>MAIL or RCPT parameters not recognised (RFC 5321 §4.1.1.11).</summary>
    public const int UnknownParameter = 555;

    /// <summary>The domain takes no mail (RFC 7505 §4.2 with the code of RFC 7504 §5).</summary>
    public const int NullMx = 556;
}
