using Relay.Mail;
using Relay.Routing;
using Relay.Spool;
using Relay.Tests.Delivery;

namespace Relay.Tests.Forwarding;

/// <summary>What a client asks for, and what of it goes on with mail that is sent on (RFC 3461 §5.2.7).</summary>
public sealed class ForwardedWishesTests : IAsyncDisposable
{
    private readonly StepHarness relay = new();

    [Fact]
    public async Task All_that_was_asked_of_the_message_goes_on()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");

        var sent = await SentOnAsync(new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("user", "example.com")),
            Recipients = [],
            Body = BodyType.BinaryMime,
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ 314",
            RequireTls = true,
        });

        Assert.Equal(
            (BodyType.BinaryMime, true, DsnReturn.Headers, "QQ 314", true),
            (sent.Body, sent.SmtpUtf8, sent.Return, sent.EnvelopeId, sent.RequireTls));
    }

    [Theory]
    [InlineData(DsnNotify.None)]
    [InlineData(DsnNotify.Never)]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay)]
    public async Task To_a_single_target_the_wish_for_reports_goes_on_and_nothing_is_reported_here(DsnNotify notify)
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");

        var sent = await SentOnAsync(Asking(), To(notify));

        Assert.Equal(notify, Assert.Single(sent.Recipients).Notify);
        Assert.Empty(await relay.PeekAsync(WorkQueue.Notify));
    }

    [Theory]
    [InlineData(DsnNotify.None, DsnNotify.None, false)]
    [InlineData(DsnNotify.Never, DsnNotify.Never, false)]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay, DsnNotify.Failure | DsnNotify.Delay, false)]
    [InlineData(DsnNotify.Success | DsnNotify.Failure, DsnNotify.Failure, true)]
    [InlineData(DsnNotify.Success, DsnNotify.Never, true)]
    public async Task To_several_targets_the_wish_to_hear_of_success_ends_here_with_a_report_of_the_expansion(
        DsnNotify notify, DsnNotify onwards, bool told)
    {
        relay.Addresses.Alias("info@example.org", "a@example.net", "b@example.net");

        var sent = await SentOnAsync(Asking(), To(notify));

        Assert.All(sent.Recipients, path => Assert.Equal(onwards, path.Notify));
        var works = await relay.PeekAsync(WorkQueue.Notify);
        Assert.Equal(told ? [DsnAction.Expanded] : [], works.SelectMany(lease => lease.Work.Detail.Reports!).Select(report => report.Action));
    }

    [Fact]
    public async Task The_alias_is_the_original_recipient_where_the_client_names_none()
    {
        relay.Addresses.Alias("info@example.org", "a@example.net");

        Assert.Equal(new OriginalRecipient("rfc822", "Info@example.org"), (await SentOnAsync(Asking(), To(DsnNotify.None))).Recipients[0].OriginalRecipient);
    }

    [Fact]
    public async Task An_original_recipient_that_the_client_names_stays()
    {
        var original = new OriginalRecipient("rfc822", "first@example.com");
        relay.Addresses.Alias("info@example.org", "a@example.net");

        Assert.Equal(original, (await SentOnAsync(Asking(), To(DsnNotify.None) with { OriginalRecipient = original })).Recipients[0].OriginalRecipient);
    }

    [Theory]
    [InlineData(true, RouteKind.Mx, "user@example.com", true)]
    [InlineData(true, RouteKind.Smarthost, "user@example.com", true)]
    [InlineData(true, RouteKind.Capture, "user@example.com", false)]
    [InlineData(false, RouteKind.Mx, "user@example.com", false)]
    [InlineData(true, RouteKind.Mx, "", false)]
    public async Task Mail_of_our_own_users_leaves_by_SMTP_with_a_return_path_that_names_it(
        bool isMember, RouteKind kind, string sender, bool named)
    {
        relay.Steps = relay.NewSteps(WithBounces() with { Routes = [new Route { Name = "out", Kind = kind, Recipients = ["*"], Hosts = [new HostPort("smart.test", 25)] }] });
        var envelope = Asking() with
        {
            ReversePath = Mailbox.TryParse(sender, out var mailbox) ? new ReversePath(mailbox) : ReversePath.Null,
            Recipients = [new ForwardPath(new Mailbox("a", "example.net"))],
        };

        var id = await relay.AcceptAsync("Subject: x\r\n\r\n", envelope, isMember: isMember);
        await relay.RunAsync(WorkQueue.Accepted);

        var used = Assert.Single(relay.Attempts).Envelope.ReversePath;
        Assert.Equal(named, used.Mailbox is { } path && relay.PartsOf(WithBounces()).Verp.TryRead(path, out var message, out var index) && message == id && index == 0);
        Assert.True(named || used == envelope.ReversePath);
        Assert.Equal(sender, (await relay.StatusAsync(id)).Sender);
    }

    [Fact]
    public async Task An_attempt_for_several_recipients_names_the_message_alone()
    {
        relay.Steps = relay.NewSteps(WithBounces());
        await relay.AcceptAsync("Subject: x\r\n\r\n", Asking() with
        {
            Recipients = [new ForwardPath(new Mailbox("a", "one.test")), new ForwardPath(new Mailbox("b", "two.test")), new ForwardPath(new Mailbox("c", "two.test"))],
        }, isMember: true);

        await relay.RunAsync(WorkQueue.Accepted);
        await relay.RunAsync(WorkQueue.Delivery);

        var verp = relay.PartsOf(WithBounces()).Verp;
        Assert.Equal([0, null], relay.Attempts.OrderBy(a => a.Recipients.Count)
            .Select(a => verp.TryRead(a.Envelope.ReversePath.Mailbox!, out _, out var index) ? index : -1));
    }

    public ValueTask DisposeAsync() => relay.DisposeAsync();

    private Relay.Options.RelayOptions WithBounces() => relay.Options with { Bounces = new() { Domain = "bounces.example" } };

    private static Envelope Asking() => new() { ReversePath = new ReversePath(new Mailbox("user", "example.com")), Recipients = [] };

    private static ForwardPath To(DsnNotify notify) => new(new Mailbox("Info", "example.org")) { Notify = notify };

    /// <summary>The envelope of what is sent on for the alias.</summary>
    private async Task<Envelope> SentOnAsync(Envelope envelope, ForwardPath? to = null)
    {
        await relay.AcceptAsync("Subject: x\r\n\r\n", envelope with { Recipients = [to ?? To(DsnNotify.None)] });
        await relay.RunAsync(WorkQueue.Accepted);
        return Assert.Single(await relay.PeekAsync(WorkQueue.Accepted)).Work.Envelope;
    }
}
