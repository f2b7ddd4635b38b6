using Relay.Mail;
using Relay.Replies;

namespace Relay.Checks.Dmarc;

/// <summary>DMARC for one message of one author domain.</summary>
internal sealed class DmarcEvaluation(
    CheckSubject subject, string author, DmarcQuestions questions, TrustedSealers sealers, TimeProvider time)
{
    private readonly DmarcAligner aligner = new(questions, author);
    private readonly DmarcIdentifiers identifiers = DmarcIdentifiers.Of(subject);

    public async ValueTask<CheckResult> RunAsync(CancellationToken cancel)
    {
        var (policy, failure) = await DiscoverAsync(cancel);
        if (failure is not null)
        {
            return Result("temperror") with { Reason = CheckReasons.NoAnswer, Detail = failure };
        }

        if (policy is null)
        {
            return Result("none");
        }

        if (policy.Record.Policy is null)
        {
            var faults = string.Join(", ", policy.Record.Faults);
            return Result("permerror", faults) with { Reason = CheckReasons.DmarcBadRecord, Detail = $"_dmarc.{policy.Domain}: {faults}" };
        }

        return await EvaluateAsync(policy, cancel);
    }

    /// <summary>The author's own record needs one question alone (RFC 9989 §4.10.1).</summary>
    private async ValueTask<(PublishedPolicy? Policy, string? Failure)> DiscoverAsync(CancellationToken cancel)
    {
        if (await questions.RecordAtAsync(author, cancel) is { Published: { } own })
        {
            return (own, null);
        }

        var walk = await questions.WalkAsync(author, cancel);
        return (walk.Policy, walk.Failure);
    }

    private async ValueTask<CheckResult> EvaluateAsync(PublishedPolicy policy, CancellationToken cancel)
    {
        var spf = await AlignAsync(identifiers.Spf, policy.Record.SpfAlignment, cancel);
        List<Aligned> dkim = [];
        foreach (var identifier in identifiers.Dkim)
        {
            dkim.Add(await AlignAsync(identifier, policy.Record.DkimAlignment, cancel));
        }

        (DmarcIdentifier Identifier, Aligned Aligned)[] all =
            [(identifiers.Spf, spf), .. identifiers.Dkim.Zip(dkim)];
        var detail = $"author {author}, policy of {policy.Domain}; {string.Join("; ", all.Select(Tell))}";
        var record = RecordOf(policy, spf, dkim);
        if (all.Any(one => one is { Identifier.IsPass: true, Aligned: Aligned.Yes }))
        {
            return Result("pass", Tell(policy)) with { Detail = detail, Record = record };
        }

        if (Open(all) is { } open)
        {
            return Result(open.Result is null ? "permerror" : "temperror", Tell(policy)) with
            {
                Reason = open.Result is null ? CheckReasons.DmarcIncomplete : CheckReasons.NoAnswer,
                Detail = detail,
            };
        }

        return await WantedAsync(policy, cancel) is { } wanted
            ? await FailAsync(policy, wanted, record is null ? null : record with { Policy = wanted }, detail, cancel)
            : Result("temperror", Tell(policy)) with { Reason = CheckReasons.NoAnswer, Detail = $"{detail}; whether {author} exists is not known" };
    }

    private async ValueTask<CheckResult> FailAsync(
        PublishedPolicy policy, DmarcPolicy wanted, DmarcRecord? record, string detail, CancellationToken cancel)
    {
        var applied = policy.Record.Applied(wanted);
        var vouched = await sealers.VouchAsync(subject, author, async domain =>
            await aligner.AlignAsync(domain, policy.Record.DkimAlignment, cancel) == Aligned.Yes);
        if (vouched is not null)
        {
            return Result("fail", $"{Tell(policy)} {vouched}", applied) with
            {
                Reason = CheckReasons.DmarcTrustedSealer,
                Detail = $"{detail}; {vouched}",
                Record = record is null ? null : record with { Override = DmarcOverride.LocalPolicy, OverrideComment = vouched },
            };
        }

        return Result("fail", Tell(policy), applied) with
        {
            Action = applied switch
            {
                DmarcPolicy.Reject => CheckAction.Reject,
                DmarcPolicy.Quarantine => CheckAction.Quarantine,
                _ => CheckAction.None,
            },
            Reason = CheckReasons.DmarcFail,
            // RFC 7372 §3.3: more than one way to authenticate the message has failed.
            Refusal = applied == DmarcPolicy.Reject
                ? new SmtpReply(ReplyCode.MailboxUnavailable, 7, 26, $"Refused by the DMARC policy of {author}")
                : null,
            Detail = detail,
            Record = applied == wanted || record is null ? record : record with { Override = DmarcOverride.PolicyTestMode },
        };
    }

    /// <summary>Only for what passed, or might have, is DNS asked.</summary>
    private async ValueTask<Aligned> AlignAsync(DmarcIdentifier identifier, DmarcAlignment mode, CancellationToken cancel) =>
        identifier.Domain is not { } domain ? Aligned.No
        : identifier.IsPass || identifier.IsOpen ? await aligner.AlignAsync(domain, mode, cancel)
        : domain == author ? Aligned.Yes : Aligned.No;

    /// <summary>The one that could have made the message pass, and about which nobody knows; what is lost for good comes last.</summary>
    private static DmarcIdentifier? Open((DmarcIdentifier Identifier, Aligned Aligned)[] all) => all
        .Where(one => one.Identifier.IsOpen ? one.Aligned != Aligned.No : one is { Identifier.IsPass: true, Aligned: Aligned.Unknown })
        .Select(one => one.Identifier)
        .OrderBy(identifier => identifier.Result is null)
        .FirstOrDefault();

    /// <summary>What the record asks for, before <c>t</c>; null where that hangs on whether the author domain exists, and nobody knows.</summary>
    private async ValueTask<DmarcPolicy?> WantedAsync(PublishedPolicy policy, CancellationToken cancel)
    {
        var isSubdomain = policy.Domain != author;
        var existing = policy.Record.PolicyFor(isSubdomain, exists: true);
        var missing = policy.Record.PolicyFor(isSubdomain, exists: false);
        return existing == missing ? existing : await questions.ExistsAsync(author, cancel) switch
        {
            true => existing,
            false => missing,
            null => null,
        };
    }

    private DmarcCheckResult Result(string result, string? comment = null, DmarcPolicy? policy = null) => new()
    {
        Lookups = questions.Lookups,
        Authentication =
        [
            new AuthenticationResult("dmarc", result)
            {
                Comment = comment,
                Properties = policy is { } applied
                    ? [("header.from", author), ("policy.dmarc", applied.Word())]
                    : [("header.from", author)],
            },
        ],
    };

    private DmarcRecord? RecordOf(PublishedPolicy policy, Aligned spf, IReadOnlyList<Aligned> dkim)
    {
        var record = policy.Record;
        if (record.AggregateReports.Count == 0)
        {
            return null;
        }

        return new DmarcRecord
        {
            At = time.GetUtcNow(),
            PolicyDomain = policy.Domain,
            Published = new DmarcPublished(
                record.Policy ?? DmarcPolicy.None, record.SubdomainPolicy, record.NonexistentPolicy,
                record.DkimAlignment, record.SpfAlignment, record.IsTest, record.FailureOptions),
            SourceAddress = subject.ClientAddress?.ToString(),
            HeaderFrom = author,
            EnvelopeFrom = DmarcIdentifiers.DomainOf(subject.ReversePath?.Mailbox?.Domain) ?? "",
            Spf = identifiers.Spf is { Result: { } result, Domain: { } domain }
                ? new DmarcSpf(domain, result, spf == Aligned.Yes)
                : null,
            Dkim =
            [
                .. identifiers.Dkim.Zip(dkim).Where(one => one.First is { Domain: not null, Result: not null })
                    .OrderByDescending(one => one.First.IsPass && one.Second == Aligned.Yes).Take(DmarcRecord.MaxSignatures)
                    .Select(one => new DmarcDkim(one.First.Domain!, one.First.Selector, one.First.Result!, one.Second == Aligned.Yes)),
            ],
        };
    }

    private static string Tell(PublishedPolicy policy)
    {
        var record = policy.Record;
        var sp = record.SubdomainPolicy is { } below ? $" sp={below.Word()}" : "";
        var np = record.NonexistentPolicy is { } missing ? $" np={missing.Word()}" : "";
        return $"p={record.Policy?.Word()}{sp}{np}{(record.IsTest ? " t=y" : "")}";
    }

    private static string Tell((DmarcIdentifier Identifier, Aligned Aligned) one) =>
        $"{one.Identifier.Method}={one.Identifier.Result ?? "not looked at"} of {one.Identifier.Domain ?? "no domain"}, " + one.Aligned switch
        {
            Aligned.Yes => "aligned",
            Aligned.No => "not aligned",
            _ => "perhaps aligned",
        };
}
