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

    /// <summary>354 was said: the content follows.</summary>
    Data,

    /// <summary>Nothing more is read.</summary>
    Closed,
}
