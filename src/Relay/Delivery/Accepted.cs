using Relay.Addresses;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// The first step after acceptance: keeps what is quarantined, and finds the route of each recipient of all else. When one attempt
/// can serve them all it is made here at once; otherwise each destination gets work of its own.
/// </summary>
public sealed class Accepted(StepParts parts, QueueChecks checks, Delivery delivery)
{
    private readonly RelayOptions options = parts.Options;
    private readonly TimeProvider time = parts.Time;
    private readonly Random random = parts.Random;
    private readonly SuppressedRecipients suppressed = new(parts.Addresses, parts.Options);

    /// <summary>Recipients of one attempt at most: what every server must take (RFC 5321 §4.5.3.1.8).</summary>
    internal const int MaxRecipientsPerAttempt = 100;

    private static readonly SmtpReply OnSuppressionList =
        new(ReplyCode.MailboxUnavailable, 1, 1, "Recipient is on the suppression list of this relay");

    private static readonly SmtpReply NoRoute = new(ReplyCode.LocalError, 4, 4, "No route of the configuration leads to the recipient");

    /// <summary>Runs the step.</summary>
    public async Task<Transition> RunAsync(Lease lease, CancellationToken cancel)
    {
        if (lease.Work.Detail.Quarantine is { } quarantine)
        {
            return Quarantine(lease, quarantine);
        }

        if (await CheckAsync(lease, cancel) is { } decided)
        {
            return decided;
        }

        var passed = Passed(lease);
        return Suppress(passed) ?? await RouteAsync(passed, cancel);
    }

    /// <summary>What has passed its checks is checked no more, however it goes on.</summary>
    private static Lease Passed(Lease lease) => lease with { Work = lease.Work with { Detail = lease.Work.Detail with { Checks = null } } };

    /// <summary>
    /// What the checks leave to be written is committed before the first attempt, with this work again as the next one. Null
    /// when there is nothing.
    /// </summary>
    private async Task<Transition?> CheckAsync(Lease lease, CancellationToken cancel)
    {
        if (lease.Work.Detail.Checks is not { } modes || await checks.RunAsync(lease, modes, cancel) is not { } decided)
        {
            return null;
        }

        delivery.Report(lease, decided);
        return decided;
    }

    private Transition Quarantine(Lease lease, QuarantineReason why)
    {
        var outcomes = new Outcomes(options.Retry, lease, route: null, time.GetUtcNow(), random.NextDouble());
        foreach (var (index, _) in lease.Work.Recipients)
        {
            outcomes.Add(index, Outcomes.Kept(why.Reason, why.Detail));
        }

        var transition = outcomes.ToTransition();
        delivery.Report(lease, transition);
        return transition;
    }

    /// <summary>
    /// The door refuses who is on the suppression list; here it is asked again for mail that came another way or had been taken
    /// before. As with the checks, the others come again as work of their own. Null when nobody is on it.
    /// </summary>
    private Transition? Suppress(Lease lease)
    {
        var recipients = lease.Work.Recipients.Select(r => (r.Index, Entry: suppressed.Find(r.Path.Mailbox))).ToArray();
        if (Array.TrueForAll(recipients, r => r.Entry is null))
        {
            return null;
        }

        var now = time.GetUtcNow();
        var outcomes = new Outcomes(options.Retry, lease, route: null, now, random.NextDouble());
        List<int> others = [];
        foreach (var (index, entry) in recipients)
        {
            if (entry is null)
            {
                others.Add(index);
            }
            else
            {
                outcomes.Add(index, new RecipientOutcome(OutcomeKind.Suppressed, Reasons.Suppressed, null, OnSuppressionList) { Detail = entry.Why });
            }
        }

        var transition = outcomes.ToTransition(
            others.Count == 0 ? [] : [new NextWork(WorkQueue.Accepted, lease.Work.Detail with { Recipients = others, Checks = null }, now)]);
        delivery.Report(lease, transition);
        return transition;
    }

    private async Task<Transition> RouteAsync(Lease lease, CancellationToken cancel)
    {
        var groups = new Dictionary<(Route Route, string Destination), List<int>>();
        List<int> unrouted = [];
        var routes = new MessageRoutes(parts, lease.Work);
        foreach (var (index, path) in lease.Work.Recipients)
        {
            if (await routes.FindAsync(path.Mailbox, cancel) is not { } route)
            {
                unrouted.Add(index);
                continue;
            }

            var key = (route, Router.Destination(route, path.Mailbox));
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = [];
            }

            group.Add(index);
        }

        if (unrouted.Count == 0 && groups.Count == 1 && groups.First() is var only && only.Value.Count <= MaxRecipientsPerAttempt)
        {
            return await delivery.AttemptAsync(lease, only.Key.Route, only.Value, cancel);
        }

        return Distribute(lease, groups, unrouted);
    }

    private Transition Distribute(Lease lease, Dictionary<(Route Route, string Destination), List<int>> groups, List<int> unrouted)
    {
        var now = time.GetUtcNow();
        var outcomes = new Outcomes(options.Retry, lease, route: null, now, random.NextDouble());
        foreach (var index in unrouted)
        {
            // The door lets nobody in whom no route can take: the configuration has changed since, and may change again, or it has
            // no route for messages of this size or header.
            outcomes.Add(index, new RecipientOutcome(OutcomeKind.Deferred, Reasons.NoRoute, null, NoRoute));
        }

        var transition = outcomes.ToTransition(
            from @group in groups
            from chunk in @group.Value.Chunk(MaxRecipientsPerAttempt)
            select new NextWork(WorkQueue.Delivery,
                lease.Work.Detail with { Recipients = chunk, Route = @group.Key.Route.Name, Checks = null }, now));
        delivery.Report(lease, transition);
        return transition;
    }
}
