using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>The domains of recipients, as the queue is searched by them: in A-labels and lower case.</summary>
internal static class WorkDomain
{
    /// <summary>The domain that all recipients of a work share; null where there are several, or no recipients that wait.</summary>
    public static string? Of(WorkQueue queue, Envelope envelope, WorkDetail detail)
    {
        if (queue is not (WorkQueue.Accepted or WorkQueue.Delivery))
        {
            return null;
        }

        string? shared = null;
        foreach (var index in Indexes(envelope, detail))
        {
            var domain = envelope.Recipients[index].Mailbox.Domain;
            if (shared is not null && !string.Equals(shared, domain, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            shared ??= domain;
        }

        return shared is null ? null : Of(shared);
    }

    /// <summary>Of one recipient.</summary>
    public static string Of(ForwardPath path) => Of(path.Mailbox.Domain);

    /// <summary>The form that is compared. An address literal has no other.</summary>
    public static string Of(string domain) => DomainName.TryToHost(domain, out var host) ? host : domain.ToLowerInvariant();

    /// <summary>Whom a work is for.</summary>
    public static IEnumerable<int> Indexes(Envelope envelope, WorkDetail detail) =>
        detail.Recipients ?? Enumerable.Range(0, envelope.Recipients.Count);
}
