using System.Net;
using Relay.Accounts;

namespace Relay.Tests.Accounts;

public sealed class AccountParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void All_that_is_right_becomes_the_account()
    {
        var (account, faults) = AccountParser.Parse(
            new AccountText
            {
                Name = "mailer|11111111-2222-3333-4444-555555555555|66666666-7777-8888-9999-000000000000",
                Senders = ["app@example.com", "example.org", "*.example.net"],
                Networks = ["10.0.0.0/8", "192.0.2.7"],
                Rate = "600/1h",
                TokenSubject = "11111111-2222-3333-4444-555555555555",
            },
            Now);

        Assert.Empty(faults);
        Assert.Equal("mailer|11111111-2222-3333-4444-555555555555|66666666-7777-8888-9999-000000000000", account!.Name);
        Assert.Equal(["app@example.com", "example.org", "*.example.net"], account.Senders);
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.7/32")], account.Networks);
        Assert.Equal(new Rate(600, TimeSpan.FromHours(1)), account.Rate);
        Assert.Equal("11111111-2222-3333-4444-555555555555", account.TokenSubject);
        Assert.Equal(Now, account.CreatedAt);
        Assert.Null(account.Password);
    }

    [Theory]
    [InlineData("user@example.com")]
    [InlineData("a")]
    [InlineData("app_1+x.y-z%(=)")]
    public void A_name_is_printable_ascii(string name) =>
        Assert.Empty(AccountParser.Parse(new AccountText { Name = name }, Now).Faults);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("a\u007f")]
    [InlineData("zoë")]
    public void A_name_with_anything_else_is_refused(string name)
    {
        var (account, faults) = AccountParser.Parse(new AccountText { Name = name }, Now);

        Assert.Null(account);
        Assert.Equal("name", Assert.Single(faults).Parameter);
        Assert.DoesNotContain('\0', faults[0].Problem);
    }

    [Fact]
    public void A_name_has_254_characters_at_most()
    {
        Assert.NotNull(AccountParser.Parse(new AccountText { Name = new string('a', 254) }, Now).Account);
        var fault = Assert.Single(AccountParser.Parse(new AccountText { Name = new string('a', 255) }, Now).Faults);
        Assert.StartsWith($"\"{new string('a', 80)}…\" is not allowed; allowed is 1 to 254 printable", fault.Problem);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = AccountParser.Parse(
            new AccountText
            {
                Name = "a b",
                Senders = ["*", "example.com", "*@example.com"],
                Networks = ["10.0.0.1/8", "10"],
                Rate = "off",
                TokenSubject = "",
            },
            Now).Faults;

        Assert.Equal(
            ["name", "sender", "sender", "network", "network", "rate", "token-subject"], faults.Select(fault => fault.Parameter));
        Assert.Equal("\"off\" is not allowed; allowed is a number in a time such as 600/1h or 5000/1d", faults[5].Problem);
    }

    [Fact]
    public void A_summary_says_all_of_an_account_but_its_password()
    {
        var summary = AccountSummary.Of(new Account
        {
            Name = "app",
            Password = ScramSha256.Derive("secret", new byte[16], 1),
            Networks = [IPNetwork.Parse("10.0.0.0/8")],
            Rate = new Rate(600, TimeSpan.FromHours(1)),
            CreatedAt = Now,
        });

        Assert.Equal(("app", true, "10.0.0.0/8", "600/1h"), (summary.Name, summary.HasPassword, Assert.Single(summary.Networks), summary.Rate));
    }
}
