using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Options;
using Relay.Replies;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Checks;

public sealed class CheckRunnerTests
{
    private static readonly CheckModes AllReject =
        Enum.GetValues<CheckName>().Aggregate(CheckModes.Off, (modes, check) => modes.With(check, CheckAction.Reject));

    [Theory]
    [InlineData(CheckAction.Reject, CheckAction.Reject, CheckAction.Reject)]
    [InlineData(CheckAction.Reject, CheckAction.Quarantine, CheckAction.Quarantine)]
    [InlineData(CheckAction.Reject, CheckAction.Tag, CheckAction.Tag)]
    [InlineData(CheckAction.Tag, CheckAction.Reject, CheckAction.Tag)]
    [InlineData(CheckAction.None, CheckAction.Reject, CheckAction.None)]
    public async Task A_check_does_no_more_than_it_asks_for_and_no_more_than_its_mode_allows(
        CheckAction asked, CheckAction mode, CheckAction done)
    {
        var verdict = await RunAsync([Asking(CheckName.Spf, asked)], CheckModes.Off.With(CheckName.Spf, mode));

        Assert.Equal(done, verdict.Action);
        Assert.Equal(done == CheckAction.Reject, verdict.Refusal is not null);
    }

    [Fact]
    public async Task A_check_that_is_off_does_not_run()
    {
        var ran = false;
        var check = new ScriptedCheck(CheckName.Spf, CheckStage.Mail, _ =>
        {
            ran = true;
            return new CheckResult(CheckName.Spf);
        });

        var verdict = await RunAsync([check], CheckModes.Off);

        Assert.False(ran);
        Assert.Empty(verdict.Results);
    }

    [Fact]
    public async Task Of_two_that_ask_for_the_same_the_first_in_the_order_of_names_speaks()
    {
        var verdict = await RunAsync([Asking(CheckName.Spf, CheckAction.Reject), Asking(CheckName.Helo, CheckAction.Reject)], AllReject);

        Assert.Equal(CheckName.Helo, verdict.Decisive!.Check);
        Assert.Equal(2, verdict.Results.Count);
    }

    [Theory]
    [InlineData(CheckAllowance.Name, CheckName.DnsLists, CheckAction.None)]
    [InlineData(CheckAllowance.Name, CheckName.Spf, CheckAction.Reject)]
    [InlineData(CheckAllowance.Address, CheckName.Spf, CheckAction.None)]
    [InlineData(CheckAllowance.Address, CheckName.Header, CheckAction.Reject)]
    public async Task What_a_list_lets_in_goes_as_far_as_the_list_reaches(CheckAllowance allowance, CheckName check, CheckAction done)
    {
        var earlier = new CheckResult(CheckName.Lists) { Allows = allowance };
        var runner = Runner([Asking(check, CheckAction.Reject)]);

        var verdict = await runner.RunAsync(CheckStage.Mail, new CheckSubject { Results = [earlier] }, AllReject, CancellationToken.None);

        Assert.Equal(done, verdict.Action);
    }

    [Fact]
    public void For_a_member_only_the_content_itself_is_looked_at()
    {
        var runner = Runner([Asking(CheckName.Spf, CheckAction.Reject), Asking(CheckName.Header, CheckAction.Reject, CheckStage.Content)]);

        Assert.False(runner.HasChecks(CheckStage.Mail, AllReject, isMember: true));
        Assert.True(runner.HasChecks(CheckStage.Content, AllReject, isMember: true));
        Assert.True(runner.HasChecks(CheckStage.Mail, AllReject, isMember: false));
    }

    [Fact]
    public async Task A_check_of_the_content_knows_what_those_before_it_have_found()
    {
        CheckResult? seen = null;
        var dmarc = new ScriptedCheck(CheckName.Dmarc, CheckStage.Content, subject =>
        {
            seen = subject.ResultOf(CheckName.Dkim);
            return new CheckResult(CheckName.Dmarc);
        });
        var runner = Runner([dmarc, Asking(CheckName.Dkim, CheckAction.Tag, CheckStage.Content)]);

        await runner.RunAsync(CheckStage.Content, new CheckSubject(), AllReject, CancellationToken.None);

        Assert.Equal(CheckAction.Tag, seen?.Action);
    }

    [Fact]
    public async Task A_check_that_fails_asks_for_nothing_and_is_logged()
    {
        var log = new RecordingLog<CheckRunner>();
        var broken = new ScriptedCheck(CheckName.Spf, CheckStage.Mail, _ => throw new InvalidOperationException("broken"));

        var verdict = await Runner([broken], log: log)
            .RunAsync(CheckStage.Mail, new CheckSubject(), AllReject, CancellationToken.None);

        Assert.Equal(CheckAction.None, verdict.Action);
        Assert.Equal(CheckReasons.InternalError, Assert.Single(verdict.Results).Reason);
        Assert.Equal("temperror", Assert.Single(verdict.Results[0].Authentication).Result);
        Assert.Contains(log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_check_that_takes_too_long_has_no_answer()
    {
        var time = new FakeTimeProvider();
        var runner = Runner([new Endless()], time);

        var running = runner.RunAsync(CheckStage.Mail, new CheckSubject(), AllReject, CancellationToken.None).AsTask();
        time.Advance(new CheckOptions().Timeout);
        var verdict = await running;

        Assert.Equal(CheckAction.None, verdict.Action);
        Assert.Equal(CheckReasons.NoAnswer, Assert.Single(verdict.Results).Reason);
    }

    [Fact]
    public async Task The_trace_tells_what_was_found_and_how_often_DNS_was_asked()
    {
        using var root = new Activity("test").Start();
        List<Activity> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RelayTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Other tests make spans at the same time.
                if (span.TraceId == root.TraceId)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        await RunAsync([new ScriptedCheck(CheckName.Spf, CheckStage.Mail, _ => new CheckResult(CheckName.Spf) { Reason = "spf-fail", Lookups = 7 })], AllReject);

        var span = Assert.Single(spans);
        Assert.Equal(RelayTelemetry.CheckSpan, span.OperationName);
        Assert.Equal("Spf None spf-fail 7", string.Join(' ', span.TagObjects.Select(tag => tag.Value)));
    }

    private static ValueTask<CheckVerdict> RunAsync(IReadOnlyList<ICheck> checks, CheckModes modes) =>
        Runner(checks).RunAsync(CheckStage.Mail, new CheckSubject(), modes, CancellationToken.None);

    private static CheckRunner Runner(IReadOnlyList<ICheck> checks, TimeProvider? time = null, ILogger<CheckRunner>? log = null) =>
        new(checks, new CheckOptions(), time ?? TimeProvider.System, log ?? NullLogger<CheckRunner>.Instance);

    private static ScriptedCheck Asking(CheckName check, CheckAction action, CheckStage stage = CheckStage.Mail) => new(check, stage, _ => new CheckResult(check)
    {
        Action = action,
        Reason = action == CheckAction.None ? null : "asked",
        Refusal = action == CheckAction.None ? null : new SmtpReply(550, 7, 1, "Refused"),
    });

    private sealed class Endless : ICheck
    {
        public CheckName Name => CheckName.DnsLists;

        public CheckStage Stage => CheckStage.Mail;

        public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancel);
            throw new InvalidOperationException();
        }
    }
}
