using Relay.Options;
using Relay.Replies;

namespace Relay.SmtpIngress;

/// <summary>Every reply of a session by name. What the spool says of a message is in <see cref="Spool.Intake"/>.</summary>
internal static class SessionReplies
{
    /// <summary>RFC 5321 §4.1.1.9.</summary>
    public static readonly SmtpReply NoopOk = new(ReplyCode.Ok, 0, 0, "OK");

    /// <summary>RFC 5321 §4.1.1.5.</summary>
    public static readonly SmtpReply ResetOk = new(ReplyCode.Ok, 0, 0, "Forgotten");

    /// <summary>RFC 5321 §4.1.1.2; the code is X.1.0 of RFC 3463.</summary>
    public static readonly SmtpReply SenderOk = new(ReplyCode.Ok, 1, 0, "Sender OK");

    /// <summary>RFC 5321 §4.1.1.3; the code is X.1.5 of RFC 3463.</summary>
    public static readonly SmtpReply RecipientOk = new(ReplyCode.Ok, 1, 5, "Recipient OK");

    /// <summary>RFC 5321 §4.1.1.4. No 3yz reply has an enhanced status code (RFC 2034 §4).</summary>
    public static readonly SmtpReply StartMailInput = new(ReplyCode.StartMailInput, null, "End with a dot on a line by itself");

    /// <summary>RFC 5321 §3.5.3.</summary>
    public static readonly SmtpReply CannotVerify = new(ReplyCode.CannotVerify, 5, 0, "Cannot verify, but will take mail and try");

    /// <summary>RFC 5321 §4.1.1.8.</summary>
    public static readonly SmtpReply Help = new(ReplyCode.Help, 0, 0,
        "Commands: HELO EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\nRFC 5321 explains them");

    /// <summary>RFC 5321 §4.1.1.10.</summary>
    public static readonly SmtpReply Closing = new(ReplyCode.Closing, 0, 0, "Bye");

    /// <summary>RFC 5321 §4.2.4.</summary>
    public static readonly SmtpReply UnknownCommand = new(ReplyCode.SyntaxError, 5, 1, "Command not known");

    /// <summary>RFC 5321 §4.5.3.1.4.</summary>
    public static readonly SmtpReply LineTooLong = new(ReplyCode.SyntaxError, 5, 2, "Line too long");

    /// <summary>RFC 5321 §2.3.8. The session ends with it.</summary>
    public static readonly SmtpReply CommandLineEnd = new(ReplyCode.SyntaxError, 5, 2, "Lines must end in CRLF, without other CR or LF");

    /// <summary>RFC 5321 §2.3.8. 5.6.11 is in no registry, but operators know this refusal by it. The session ends with it.</summary>
    public static readonly SmtpReply ContentLineEnd = new(ReplyCode.MailboxUnavailable, 6, 11, "Lines must end in CRLF, without other CR or LF");

    /// <summary>RFC 5321 §4.2.4: known, and not offered.</summary>
    public static readonly SmtpReply NotImplemented = new(ReplyCode.NotImplemented, 5, 1, "Command not implemented");

    /// <summary>The command needs an argument.</summary>
    public static readonly SmtpReply ArgumentMissing = new(ReplyCode.ParameterError, 5, 4, "Argument missing");

    /// <summary>The command takes no argument (RFC 5321 §4.1.1).</summary>
    public static readonly SmtpReply NoArgumentAllowed = new(ReplyCode.ParameterError, 5, 4, "No argument allowed");

    /// <summary>The argument of HELO or EHLO is neither a domain nor an address literal (RFC 5321 §4.1.1.1).</summary>
    public static readonly SmtpReply BadHelo = new(ReplyCode.ParameterError, 5, 4, "Not a domain name or an address literal");

    /// <summary>RFC 5321 §4.1.1.2.</summary>
    public static readonly SmtpReply MailSyntax = new(ReplyCode.ParameterError, 5, 4, "Syntax: MAIL FROM:<address>");

    /// <summary>RFC 5321 §4.1.1.3.</summary>
    public static readonly SmtpReply RcptSyntax = new(ReplyCode.ParameterError, 5, 4, "Syntax: RCPT TO:<address>");

    /// <summary>X.1.7 of RFC 3463.</summary>
    public static readonly SmtpReply BadSender = new(ReplyCode.ParameterError, 1, 7, "Not an address in angle brackets");

    /// <summary>X.1.3 of RFC 3463.</summary>
    public static readonly SmtpReply BadRecipient = new(ReplyCode.ParameterError, 1, 3, "Not an address in angle brackets");

    /// <summary>A parameter that is wrong in itself, or given twice.</summary>
    public static readonly SmtpReply BadParameter = new(ReplyCode.ParameterError, 5, 4, "Parameter not valid, or given twice");

    /// <summary>RFC 5321 §4.1.1.11.</summary>
    public static readonly SmtpReply UnknownParameter = new(ReplyCode.UnknownParameter, 5, 4, "Parameter not known");

    /// <summary>RFC 5321 §4.1.1.11: service extensions are for those who said EHLO.</summary>
    public static readonly SmtpReply ParametersNeedEhlo = new(ReplyCode.UnknownParameter, 5, 4, "Parameters are allowed after EHLO only");

    /// <summary>RFC 3207 §4: the handshake is next.</summary>
    public static readonly SmtpReply ReadyForTls = new(ReplyCode.Ready, 0, 0, "Ready for TLS");

    /// <summary>RFC 3207 §4.2: there is no TLS within TLS.</summary>
    public static readonly SmtpReply TlsAlready = new(ReplyCode.BadSequence, 5, 1, "TLS is there already");

    /// <summary>RFC 4954 §4: once in a session.</summary>
    public static readonly SmtpReply SignedInAlready = new(ReplyCode.BadSequence, 5, 1, "Signed in already");

    /// <summary>RFC 4954 §6.</summary>
    public static readonly SmtpReply SignedIn = new(ReplyCode.SignedIn, 7, 0, "Signed in");

    /// <summary>RFC 4954 §6.</summary>
    public static readonly SmtpReply CannotSignInNow = new(ReplyCode.TemporaryAuthFailure, 7, 0, "Cannot sign you in now, try again later");

    /// <summary>RFC 4954 §4.</summary>
    public static readonly SmtpReply BadAuthExchange = new(ReplyCode.ParameterError, 5, 2, "Authentication cancelled, or not understood");

    /// <summary>RFC 4954 §6.</summary>
    public static readonly SmtpReply AuthenticationRequired = new(ReplyCode.AuthenticationRequired, 7, 0, "Authentication required");

    /// <summary>RFC 6409 §6.1.</summary>
    public static readonly SmtpReply SenderNotAllowed = new(ReplyCode.MailboxNameNotAllowed, 7, 1, "This account may not use this sender address");

    /// <summary>RFC 5321 §3.3; X.1.1 is "bad destination mailbox address".</summary>
    public static readonly SmtpReply NoSuchRecipient = new(ReplyCode.MailboxUnavailable, 1, 1, "No such recipient here");

    /// <summary>The same for what looks like a return-path of ours.</summary>
    public static readonly SmtpReply NoReturnPath =
        new(ReplyCode.MailboxUnavailable, 1, 1, "This is no return path of ours, or it has expired");

    /// <summary>The same for an address that is known not to take mail; X.1.1 keeps senders from trying it again.</summary>
    public static readonly SmtpReply Suppressed = new(ReplyCode.MailboxUnavailable, 1, 1, "Recipient is on the suppression list of this relay");

    /// <summary>The address book cannot be read; X.3.0 is "other mail system status".</summary>
    public static readonly SmtpReply CannotTellNow = new(ReplyCode.LocalError, 3, 0, "Cannot tell whether this recipient is here, try again later");

    /// <summary>RFC 3030 §2.</summary>
    public static readonly SmtpReply ChunkOk = new(ReplyCode.Ok, 0, 0, "Go on");

    /// <summary>RFC 3030 §2. The session ends with it: what follows cannot be told from commands.</summary>
    public static readonly SmtpReply BdatSyntax = new(ReplyCode.ParameterError, 5, 4, "Syntax: BDAT size [LAST]");

    /// <summary>RFC 3030 §3.</summary>
    public static readonly SmtpReply BinaryNeedsBdat = new(ReplyCode.BadSequence, 5, 1, "BINARYMIME needs BDAT");

    /// <inheritdoc cref="HeloFirst"/>
    public static readonly SmtpReply LastChunkFirst = new(ReplyCode.BadSequence, 5, 1, "BDAT with LAST, or RSET, first");

    /// <summary>XCLIENT with what it does not know, or a value that cannot be.</summary>
    public static readonly SmtpReply BadXclient = new(ReplyCode.ParameterError, 5, 4, "Attribute not known, or its value not valid");

    /// <summary>RFC 6531 §3.5.</summary>
    public static readonly SmtpReply AddressNeedsSmtpUtf8 = new(ReplyCode.MailboxNameNotAllowed, 6, 7, "Address is not ASCII, and SMTPUTF8 was not asked for");

    /// <summary>RFC 1870 §6.</summary>
    public static readonly SmtpReply MessageTooBig = new(ReplyCode.ExceededStorage, 3, 4, "Message too big");

    /// <summary>RFC 5321 §4.5.3.1.10.</summary>
    public static readonly SmtpReply TooManyRecipients = new(ReplyCode.InsufficientStorage, 5, 3, "Too many recipients, send the rest in another transaction");

    /// <summary>RFC 5321 §3.6.2: this client may not relay.</summary>
    public static readonly SmtpReply RelayingDenied = new(ReplyCode.MailboxUnavailable, 7, 1, "Relaying denied");

    /// <summary>No route of the configuration takes this recipient.</summary>
    public static readonly SmtpReply NoRoute = new(ReplyCode.MailboxUnavailable, 7, 1, "No route to this recipient");

    /// <summary>The spool cannot even begin to take a message.</summary>
    public static readonly SmtpReply SpoolUnavailable = new(ReplyCode.LocalError, 3, 0, "Cannot take mail now, try again later");

    /// <summary>RFC 5321 §4.1.4: the command that has to come first is named.</summary>
    public static readonly SmtpReply HeloFirst = new(ReplyCode.BadSequence, 5, 1, "HELO or EHLO first");

    /// <inheritdoc cref="HeloFirst"/>
    public static readonly SmtpReply MailFirst = new(ReplyCode.BadSequence, 5, 1, "MAIL first");

    /// <inheritdoc cref="HeloFirst"/>
    public static readonly SmtpReply RcptFirst = new(ReplyCode.BadSequence, 5, 1, "RCPT first");

    /// <inheritdoc cref="HeloFirst"/>
    public static readonly SmtpReply NestedMail = new(ReplyCode.BadSequence, 5, 1, "MAIL was given already");

    /// <summary>RFC 5321 §3.8: a stopping server says so before it closes; X.3.2 is "system not accepting messages".</summary>
    public static readonly SmtpReply Stopping = new(ReplyCode.Unavailable, 3, 2, "Stopping, try again later");

    /// <summary>As <see cref="Stopping"/>, for a session too many.</summary>
    public static readonly SmtpReply TooManySessions = new(ReplyCode.Unavailable, 3, 2, "Too many sessions, try again later");

    /// <summary>As <see cref="Stopping"/>, for one address; X.7.0 is "other security status".</summary>
    public static readonly SmtpReply TooManySessionsOfAddress = new(ReplyCode.Unavailable, 7, 0, "Too many sessions from your address");

    /// <summary>As <see cref="Stopping"/>; the client is to connect again.</summary>
    public static readonly SmtpReply TooManyMessages = new(ReplyCode.Unavailable, 5, 3, "Enough messages in one session, connect again");

    /// <summary>RFC 5321 §4.3.2 lets a server end any session with 421.</summary>
    public static readonly SmtpReply TooManyCommands = new(ReplyCode.Unavailable, 7, 0, "Too many commands without a message");

    /// <summary>The client has used up its rate, and may try again later.</summary>
    public static readonly SmtpReply RateExceeded = new(ReplyCode.MailboxBusy, 7, 1, "Too many messages in a short time, try again later");

    /// <summary>RFC 5321 §4.3.1: the client is to wait for the greeting. 554 is a greeting too (§3.1).</summary>
    public static readonly SmtpReply TalkedEarly = new(ReplyCode.TransactionFailed, 5, 1, "You spoke before the greeting");

    /// <summary>The time that content may take is over; X.4.2 as for silence.</summary>
    public static readonly SmtpReply TooSlow = new(ReplyCode.Unavailable, 4, 2, "Too slow");

    /// <summary>RFC 5321 §4.5.3.2.7; X.4.2 is "bad connection".</summary>
    public static readonly SmtpReply TimedOut = new(ReplyCode.Unavailable, 4, 2, "Silent for too long");

    /// <summary>RFC 5321 §4.3.2 lets a server end any session with 421.</summary>
    public static readonly SmtpReply TooManyErrors = new(ReplyCode.Unavailable, 7, 0, "Too many errors");

    /// <summary>A web page must not be able to hand in mail through a browser in a trusted network.</summary>
    public static readonly SmtpReply NoHttp = new(ReplyCode.Unavailable, 7, 0, "This is not a web server");

    /// <summary>A fault of Relay itself; the log has it.</summary>
    public static readonly SmtpReply InternalError = new(ReplyCode.Unavailable, 3, 0, "Internal error, try again later");

    /// <summary>RFC 5321 §4.3.1. Greeting, HELO and EHLO have no enhanced status code (RFC 2034 §4).</summary>
    public static SmtpReply Greeting(RelayOptions options) => new(ReplyCode.Ready, null, $"{options.HostName} ESMTP Relay");

    /// <summary>RFC 4954 §6. The same for every cause; the session's name leads an operator to the true one.</summary>
    public static SmtpReply AuthenticationFailed(string session) =>
        new(ReplyCode.BadCredentials, 7, 8, $"Authentication failed (session {session})");

    /// <summary>RFC 5321 §4.1.1.1.</summary>
    public static SmtpReply Helo(RelayOptions options) => new(ReplyCode.Ok, null, options.HostName);
}
