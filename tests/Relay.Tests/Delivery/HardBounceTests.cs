using Relay.Delivery;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Tests.Delivery;

/// <summary>Which refusals say that an address will not take mail at all.</summary>
public sealed class HardBounceTests
{
    [Theory]
    [InlineData("5.1.1")]
    [InlineData("5.1.2")]
    [InlineData("5.1.3")]
    [InlineData("5.1.6")]
    [InlineData("5.1.10")]
    [InlineData("5.2.1")]
    public void These_are(string status)
    {
        Assert.True(HardBounce.Is(Refused(550, status)));
        Assert.True(HardBounce.Is(Refused(553, status)));
        Assert.True(HardBounce.Is(Reported(DsnAction.Failed, status)));
    }

    [Theory]
    [InlineData("5.0.0")]
    [InlineData("5.1.0")]
    [InlineData("5.1.4")]
    [InlineData("5.1.5")]
    [InlineData("5.1.7")]
    [InlineData("5.1.8")]
    [InlineData("5.1.9")]
    [InlineData("5.1.100")]
    [InlineData("5.2.0")]
    [InlineData("5.2.2")]
    [InlineData("5.2.3")]
    [InlineData("5.3.4")]
    [InlineData("5.4.6")]
    [InlineData("5.6.1")]
    [InlineData("5.7.0")]
    [InlineData("5.7.1")]
    [InlineData("5.7.13")]
    [InlineData("5.7.27")]
    [InlineData("4.1.1")]
    [InlineData("4.2.1")]
    [InlineData("2.1.1")]
    public void These_are_not(string status)
    {
        Assert.False(HardBounce.Is(Refused(550, status)));
        Assert.False(HardBounce.Is(Reported(DsnAction.Failed, status)));
    }

    [Theory]
    [InlineData(550)]
    [InlineData(551)]
    [InlineData(553)]
    [InlineData(556)]
    public void A_code_without_an_enhanced_status_is_not(int code) =>
        Assert.False(HardBounce.Is(new RecipientOutcome(OutcomeKind.Bounced, Reasons.RemotePermanent, "mx", new SmtpReply(code, null, "User unknown"))));

    [Theory]
    [InlineData(Reasons.DomainNotFound, true)]
    [InlineData(Reasons.NullMx, true)]
    [InlineData(Reasons.NoMailHost, false)]
    [InlineData(Reasons.MailLoop, false)]
    [InlineData(Reasons.RemoteSizeLimit, false)]
    [InlineData(Reasons.RejectedByRoute, false)]
    public void Of_our_own_reasons_only_those_about_the_domain_are(string reason, bool isHard) =>
        Assert.Equal(isHard, HardBounce.Is(new RecipientOutcome(OutcomeKind.Bounced, reason, null, new SmtpReply(550, 1, 2, "made up"))));

    [Theory]
    [InlineData(OutcomeKind.Deferred)]
    [InlineData(OutcomeKind.Rejected)]
    [InlineData(OutcomeKind.Suppressed)]
    [InlineData(OutcomeKind.Delivered)]
    public void Only_a_bounce_is(OutcomeKind kind) => Assert.False(HardBounce.Is(Refused(550, "5.1.1") with { Kind = kind }));

    [Fact]
    public void What_several_recipients_heard_together_is_not() => Assert.False(HardBounce.Is(Refused(550, "5.1.1") with { IsOfAll = true }));

    [Theory]
    [InlineData(DsnAction.Delayed, "5.1.1")]
    [InlineData(DsnAction.Delivered, "5.1.1")]
    [InlineData(DsnAction.Failed, null)]
    [InlineData(DsnAction.Failed, "unknown")]
    public void A_report_of_no_failure_or_without_a_status_is_not(DsnAction action, string? status) =>
        Assert.False(HardBounce.Is(Reported(action, status)));

    private static RecipientOutcome Refused(int code, string text)
    {
        Assert.True(EnhancedStatus.TryRead(text, out var status, out _));
        return new RecipientOutcome(OutcomeKind.Bounced, Reasons.RemotePermanent, "mx", new SmtpReply(code, status, "No"));
    }

    private static RemoteReport Reported(DsnAction action, string? status) =>
        new() { Action = action, Status = status, Source = "dsn", At = StepHarness.Start };
}
