using System.Net;
using Relay.Replies;

namespace Relay.Transport;

/// <summary>
/// An SMTP session that cannot go on: no connection, a broken one, a time-out, a 421, something that is not SMTP. It says
/// nothing of any recipient; <see cref="SmtpSender"/> turns it into the outcome of those that are still undecided.
/// </summary>
/// <param name="reason">One of <see cref="Status.Reasons"/>.</param>
/// <param name="reply">What the server said, or what Relay says in its place.</param>
internal sealed class SmtpSessionException(string reason, SmtpReply reply, Exception? cause = null)
    : IOException(reply.ToString(), cause)
{
    public string Reason { get; } = reason;

    public SmtpReply Reply { get; } = reply;

    /// <summary>True when TLS is what failed: in clear the session may still succeed.</summary>
    public bool IsTlsFailure { get; init; }

    /// <summary>What was wrong with TLS, where that is what failed.</summary>
    public TlsFault? TlsFault { get; init; }

    /// <summary>The address that the session went out from; null where there was no connection.</summary>
    public IPAddress? LocalAddress { get; set; }

    /// <summary>True when it is the server, or its certificate, that cannot give the TLS that was asked for, and not the network.</summary>
    public bool ServerLacksTls { get; init; }
}
