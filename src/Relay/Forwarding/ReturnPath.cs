using Relay.Mail;
using Relay.Routing;
using Relay.Spool;

namespace Relay.Forwarding;

/// <summary>The reverse-path that an attempt is made with.</summary>
internal static class ReturnPath
{
    /// <summary>
    /// One that names the message, where such are used and mail of our own users leaves by SMTP. A stranger's mail keeps the one that
    /// it has: what comes back to it is not ours to read.
    /// </summary>
    /// <param name="recipients">Indexes of the recipients of the attempt.</param>
    public static ReversePath Of(WorkItem work, Route route, IReadOnlyList<int> recipients, Verp verp) =>
        verp.IsOn && work.Origin.IsMember && !work.Envelope.ReversePath.IsNull && route.Kind is RouteKind.Mx or RouteKind.Smarthost
            ? new ReversePath(verp.Of(work.Message, recipients is [var only] ? only : null))
            : work.Envelope.ReversePath;
}
