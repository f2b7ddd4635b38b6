namespace Relay.SmtpIngress;

/// <summary>Where a session stands; <see cref="TransitionTable"/> says how it gets there.</summary>
internal enum SessionState
{
    /// <summary>Connected; no HELO or EHLO yet.</summary>
    Fresh,

    /// <summary>Greeted; no transaction is open.</summary>
    Ready,

    /// <summary>MAIL was taken.</summary>
    Sender,

    /// <summary>At least one RCPT was taken.</summary>
    Recipients,

    /// <summary>A part of the content has come by BDAT, and more is to come.</summary>
    Chunks,

    /// <summary>354 was said: the content follows.</summary>
    Data,

    /// <summary>The octets of one BDAT follow.</summary>
    Chunk,

    /// <summary>The TLS handshake follows.</summary>
    StartTls,

    /// <summary>An exchange of AUTH is going on.</summary>
    Authentication,

    /// <summary>A host in front tells who its client is.</summary>
    Xclient,

    /// <summary>The reply to a command waits for the checks.</summary>
    Checking,

    /// <summary>Nothing more is read.</summary>
    Closed,
}
