namespace Relay.Checks;

/// <summary>The stages of a session at which checks run, each when what it needs is known (RFC 5321 §3).</summary>
public enum CheckStage
{
    /// <summary>Connected, before the greeting: the address is known. Checks of our own lists alone: the client may sign in yet.</summary>
    Connection,

    /// <summary>HELO or EHLO: the client's name is known. Checks of our own lists alone: the client may sign in yet.</summary>
    Helo,

    /// <summary>MAIL: the reverse-path is known, and that the client has not signed in.</summary>
    Mail,

    /// <summary>RCPT: one forward-path is known.</summary>
    Rcpt,

    /// <summary>After the final dot: all is known.</summary>
    Content,
}
