using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Replies;

namespace Relay.Checks.Filter;

/// <summary>Asks a filter outside of Relay. One that is gone, slow or makes no sense has no answer, and the mail goes on.</summary>
/// <param name="http">From <see cref="FilterClient.CreateHttp"/>.</param>
internal sealed class FilterCheck(FilterOptions options, HttpClient http, TimeProvider time, ILogger<FilterCheck> log) : ICheck
{
    /// <summary>Says what the filter found, for programs of the recipient; no standard has a field for it.</summary>
    internal const string FieldName = "X-Relay-Filter";

    /// <summary>Characters of the filter's text for the client.</summary>
    private const int MaxMessage = 200;

    /// <summary>Parts of the score that the log has, the heaviest first.</summary>
    private const int MaxSymbols = 10;

    /// <summary>Characters of the name of one.</summary>
    private const int MaxSymbol = 64;

    private readonly FilterClient client = new(http, options);
    private readonly FilterHealth health = new(time, log);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Filter;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject.Content is not { } content)
        {
            return new CheckResult(Name);
        }

        if (content.Length > options.MaxSize)
        {
            return new CheckResult(Name) { Reason = CheckReasons.FilterTooLarge, Detail = $"{content.Length} octets" };
        }

        using var patience = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        string cause;
        try
        {
            var answer = await client.AskAsync(subject, content, either.Token);
            if (Judge(answer, subject.IsMember) is { } result)
            {
                health.Answered();
                return result;
            }

            cause = $"it asks for what Relay does not know: {Clean(answer.Action ?? "nothing", MaxSymbol)}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            cause = $"no answer within {options.Timeout.TotalSeconds} s";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or JsonException)
        {
            cause = e.Message;
        }

        health.Failed(cause);
        return new CheckResult(Name) { Reason = CheckReasons.NoAnswer, Detail = cause };
    }

    /// <summary>What the answer comes to; null where it makes no sense.</summary>
    private CheckResult? Judge(FilterAnswer answer, bool isMember)
    {
        (CheckAction Action, string? Reason, SmtpReply? Refusal)? verdict = answer.Action switch
        {
            "no action" => (CheckAction.None, null, null),
            "greylist" => (CheckAction.Tag, CheckReasons.FilterGreylist, null),
            "add header" or "rewrite subject" => (CheckAction.Tag, CheckReasons.FilterTag, null),
            "quarantine" or "discard" => (CheckAction.Quarantine, CheckReasons.FilterQuarantine, null),
            "soft reject" => (CheckAction.Reject, CheckReasons.FilterSoftReject,
                Reply(ReplyCode.LocalError, answer, "Refused for now by the content filter, try again later")),
            "reject" => (CheckAction.Reject, CheckReasons.FilterReject,
                Reply(ReplyCode.MailboxUnavailable, answer, "Refused by the content filter")),
            _ => null,
        };
        if (verdict is not { } known)
        {
            return null;
        }

        return new CheckResult(Name)
        {
            Action = known.Action,
            Reason = known.Reason,
            Refusal = known.Refusal,
            Detail = $"{answer.Action}, {Score(answer)}{Symbols(answer)}",
            // What members send goes out to the world, which need not know what we think of it.
            Fields = isMember && known.Action == CheckAction.None ? [] : [$"{FieldName}: {answer.Action}; {Score(answer)}\r\n"],
        };
    }

    /// <summary>A refusal by policy, in the filter's own words where it has some for the client.</summary>
    private static SmtpReply Reply(int code, FilterAnswer answer, string otherwise) =>
        new(code, 7, 1, answer.Messages?.SmtpMessage is { Length: > 0 } message ? Clean(message, MaxMessage) : otherwise);

    private static string Score(FilterAnswer answer) => $"score={Number(answer.Score)}; required={Number(answer.RequiredScore)}";

    private static string Number(double? value) => Math.Clamp(value ?? 0, -9999, 9999).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Symbols(FilterAnswer answer) => string.Concat((answer.Symbols ?? new Dictionary<string, FilterSymbol>())
        .OrderByDescending(symbol => Math.Abs(symbol.Value?.Score ?? 0)).Take(MaxSymbols)
        .Select(symbol => $", {Clean(symbol.Key, MaxSymbol)}({Number(symbol.Value?.Score)})"));

    private static string Clean(string text, int max) => string.Concat(text.Take(max).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
