using Microsoft.Extensions.Logging;
using Relay.Dns;
using Relay.Options;
using Relay.Replies;

namespace Relay.Checks.DnsLists;

/// <summary>Whether lists in DNS have the client or the sender. All are asked at once, and their weights are summed.</summary>
internal sealed class DnsListsCheck : ICheck
{
    private readonly IDnsResolver dns;
    private readonly TimeProvider time;
    private readonly int threshold;
    private readonly DnsList[] lists;

    public DnsListsCheck(RelayOptions options, IDnsResolver dns, TimeProvider time, ILogger<DnsListsCheck> log)
    {
        this.dns = dns;
        this.time = time;
        threshold = options.DnsListThreshold;
        lists = [.. options.DnsLists.Select(list => new DnsList(list, dns, options.Checks.Patience, time, new DnsListWatch(list.Zone, log)))];
    }

    /// <inheritdoc/>
    public CheckName Name => CheckName.DnsLists;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Mail;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        var subjects = new DnsListSubjects(subject, dns, time, cancel);
        var asked = await Task.WhenAll(lists.Select(list => list.AskAsync(subjects, cancel)));
        var answers = asked.OfType<DnsListAnswer>().ToArray();
        var listed = answers.Where(answer => answer.Result == DnsListResult.Listed).ToArray();
        var result = listed.Length > 0 ? Listed(listed) : NotListed(answers);
        return result with { Lookups = answers.Sum(answer => answer.Lookups) + subjects.Lookups };
    }

    private CheckResult Listed(DnsListAnswer[] listed)
    {
        var isEnough = listed.Sum(answer => answer.Weight) >= threshold;
        return new CheckResult(Name)
        {
            Action = isEnough ? CheckAction.Reject : CheckAction.Tag,
            Reason = CheckReasons.DnsListed,
            Refusal = isEnough ? Refusal(listed[0]) : null,
            Detail = Tell(listed),
        };
    }

    private CheckResult NotListed(DnsListAnswer[] answers)
    {
        var troubled = answers.Where(answer => answer.Result != DnsListResult.Clean).ToArray();
        return troubled.Length == 0
            ? new CheckResult(Name)
            : new CheckResult(Name) { Reason = CheckReasons.NoAnswer, Detail = Tell(troubled) };
    }

    /// <summary>The list and its words: from there the sender learns how to get off it (RFC 5782 §2.1).</summary>
    private static SmtpReply Refusal(DnsListAnswer listed) => new(ReplyCode.MailboxUnavailable, 7, 1,
        string.IsNullOrEmpty(listed.Text) ? $"Listed by {listed.Zone}" : $"Listed by {listed.Zone}: {listed.Text}");

    private static string Tell(IEnumerable<DnsListAnswer> answers) => string.Join("; ", answers.Select(answer =>
        $"{answer.Zone} {answer.Result.Word()}: {answer.Detail}{(string.IsNullOrEmpty(answer.Text) ? "" : $" ({answer.Text})")}"));
}
