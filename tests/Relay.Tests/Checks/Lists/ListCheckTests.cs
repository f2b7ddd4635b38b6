using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checks;
using Relay.Checks.Lists;
using Relay.Mail;
using Relay.Options;

namespace Relay.Tests.Checks.Lists;

public sealed class ListCheckTests
{
    private static readonly CheckSubject Everything = new()
    {
        ClientAddress = IPAddress.Parse("192.0.2.7"),
        Helo = "mail.example.org",
        ReversePath = new ReversePath(new Mailbox("a", "example.org")),
        Recipient = new ForwardPath(new Mailbox("b", "example.com")),
    };

    private static readonly LocalListOptions All = new()
    {
        Addresses = [IPNetwork.Parse("192.0.2.0/24")],
        Helo = ["*.example.org"],
        Senders = ["a@example.org"],
        Recipients = ["b@example.com"],
    };

    [Theory]
    [InlineData(CheckStage.Connection, "address-listed", "554 5.7.1 The client address is on a block list of this host", "192.0.2.0/24")]
    [InlineData(CheckStage.Helo, "helo-listed", "550 5.7.1 The HELO name is on a block list of this host", "*.example.org")]
    [InlineData(CheckStage.Mail, "sender-listed", "550 5.7.1 The sender is on a block list of this host", "a@example.org")]
    [InlineData(CheckStage.Rcpt, "recipient-listed", "550 5.7.1 The recipient is on a block list of this host", "b@example.com")]
    public async Task Who_is_blocked_is_refused_with_the_kind_of_list_and_not_the_entry(
        CheckStage stage, string reason, string reply, string entry)
    {
        var verdict = await RunAsync(new LocalListsOptions { Block = All }, stage, Everything);

        Assert.Equal((CheckAction.Reject, reason), (verdict.Action, verdict.Decisive?.Reason));
        Assert.Equal(reply, verdict.Refusal?.ToString());
        Assert.EndsWith(entry, verdict.Decisive?.Detail);
        Assert.DoesNotContain(entry, verdict.Refusal!.Text);
    }

    [Theory]
    [InlineData(CheckStage.Connection, CheckAllowance.Address)]
    [InlineData(CheckStage.Helo, CheckAllowance.Name)]
    [InlineData(CheckStage.Mail, CheckAllowance.Name)]
    [InlineData(CheckStage.Rcpt, CheckAllowance.Name)]
    public async Task Who_is_on_both_lists_is_let_in(CheckStage stage, CheckAllowance allowance)
    {
        var verdict = await RunAsync(new LocalListsOptions { Block = All, Allow = All }, stage, Everything);

        Assert.Equal(CheckAction.None, verdict.Action);
        Assert.Equal(allowance, Assert.Single(verdict.Results).Allows);
    }

    [Fact]
    public async Task Who_was_let_in_is_not_refused_at_a_later_stage()
    {
        var lists = new LocalListsOptions { Block = All, Allow = new LocalListOptions { Addresses = All.Addresses } };

        var connected = await RunAsync(lists, CheckStage.Connection, Everything);
        var mail = await RunAsync(lists, CheckStage.Mail, Everything with { Results = connected.Results });
        var stranger = await RunAsync(lists, CheckStage.Mail, Everything);

        Assert.Equal((CheckAction.None, CheckAction.Reject), (mail.Action, stranger.Action));
    }

    [Theory]
    [InlineData(CheckStage.Connection)]
    [InlineData(CheckStage.Helo)]
    [InlineData(CheckStage.Mail)]
    [InlineData(CheckStage.Rcpt)]
    public async Task What_is_not_known_or_not_listed_is_on_no_list(CheckStage stage)
    {
        var other = new CheckSubject
        {
            ClientAddress = IPAddress.Parse("198.51.100.1"),
            Helo = "example.org",
            ReversePath = ReversePath.Null,
            Recipient = new ForwardPath(new Mailbox("c", "example.com")),
        };

        Assert.Equal(CheckAction.None, (await RunAsync(new LocalListsOptions { Block = All }, stage, other)).Action);
        Assert.Equal(CheckAction.None, (await RunAsync(new LocalListsOptions { Block = All }, stage, new CheckSubject())).Action);
    }

    [Fact]
    public void Lists_without_entries_make_no_check()
    {
        Assert.Empty(ListCheck.Of(new LocalListsOptions()));
        Assert.Equal([CheckStage.Helo, CheckStage.Rcpt], ListCheck.Of(new LocalListsOptions
        {
            Block = new LocalListOptions { Helo = ["a.example"] },
            Allow = new LocalListOptions { Recipients = ["*"] },
        }).Select(check => check.Stage));
    }

    private static async Task<CheckVerdict> RunAsync(LocalListsOptions lists, CheckStage stage, CheckSubject subject)
    {
        var runner = new CheckRunner(ListCheck.Of(lists), new CheckOptions(), TimeProvider.System, NullLogger<CheckRunner>.Instance);
        return await runner.RunAsync(stage, subject, CheckModes.Default, default);
    }
}
