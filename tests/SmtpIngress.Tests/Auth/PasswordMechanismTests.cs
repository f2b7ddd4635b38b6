using Relay.Accounts;

namespace Relay.SmtpIngress.Tests.Auth;

/// <summary>PLAIN and LOGIN.</summary>
public sealed class PasswordMechanismTests
{
    private readonly SaslHarness harness = new();

    [Fact]
    public async Task The_examples_of_RFC_4616()
    {
        Assert.Equal(["SignedIn"], await harness.Speak("PLAIN", "\0tim\0tanstaaftanstaaf"));
        Assert.Equal(["", "SignedIn"], await harness.Speak("PLAIN", null, "\0tim\0tanstaaftanstaaf"));
        // Ursel asks to act as Kurt, which nobody may here.
        Assert.Equal(["Malformed"], await harness.Speak("PLAIN", "Ursel\0Kurt\0xipj3plmq"));
        Assert.Equal((SignInResult.Malformed, "Kurt", "asks to act as another account"), harness.Last);
    }

    [Theory]
    [InlineData("TIM\0tim\0tanstaaftanstaaf", SignInResult.SignedIn)]
    [InlineData("\0tim\0wrong", SignInResult.WrongPassword)]
    [InlineData("", SignInResult.Malformed)]
    [InlineData("tim", SignInResult.Malformed)]
    [InlineData("\0tim", SignInResult.Malformed)]
    [InlineData("tim\0tanstaaftanstaaf", SignInResult.Malformed)]
    [InlineData("\0\0tanstaaftanstaaf", SignInResult.Malformed)]
    [InlineData("\0tim\0", SignInResult.Malformed)]
    [InlineData("\0tim\0tanstaaftanstaaf\0", SignInResult.Malformed)]
    [InlineData("\0tim\0tanstaaf\0tanstaaf", SignInResult.Malformed)]
    [InlineData("\0\0\0", SignInResult.Malformed)]
    [InlineData("\0t\xffm\0tanstaaftanstaaf", SignInResult.Malformed)]
    [InlineData("\0tim\0\xc0\x80", SignInResult.Malformed)]
    public async Task Forms_of_plain(string response, SignInResult result) =>
        Assert.Equal([result.ToString()], await harness.Speak("plain", response));

    [Fact]
    public async Task Login_asks_for_name_and_password_or_takes_the_name_with_auth()
    {
        Assert.Equal(["Username:", "Password:", "SignedIn"], await harness.Speak("LOGIN", null, "tim", "tanstaaftanstaaf"));
        Assert.Equal(["Password:", "SignedIn"], await harness.Speak("login", "tim", "tanstaaftanstaaf"));
        Assert.Equal(["Username:", "Password:", "WrongPassword"], await harness.Speak("LOGIN", null, "tim", "wrong"));
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("t\0m", "x")]
    [InlineData("\xff", "x")]
    [InlineData("tim", "")]
    [InlineData("tim", "\xff")]
    [InlineData("tim", "a\0b")]
    public async Task Broken_login(string name, string password)
    {
        Assert.Equal("Malformed", (await harness.Speak("LOGIN", null, name, password))[^1]);
        Assert.All(harness.Accounts.SignIns, s => Assert.Equal(SignInResult.Malformed, s.Result));
    }

    [Fact]
    public async Task Who_gives_up_is_noted_with_the_name_that_was_said()
    {
        var login = harness.Create("LOGIN")!;
        await login.StepAsync("tim"u8.ToArray(), default);

        Assert.Equal(SignInResult.Malformed, login.Abandon("cancelled").Result);
        Assert.Equal((SignInResult.Malformed, "tim", "cancelled"), harness.Last);
        harness.Create("PLAIN")!.Abandon("cancelled");
        Assert.Equal((SignInResult.Malformed, null, "cancelled"), harness.Last);
    }

    [Fact]
    public async Task A_huge_response_is_refused_like_any_other()
    {
        var huge = new string('a', 20_000);

        Assert.Equal(["Malformed"], await harness.Speak("PLAIN", $"\0{huge}\0x"));
        Assert.Equal(["Malformed"], await harness.Speak("PLAIN", huge));
        Assert.Equal(["WrongPassword"], await harness.Speak("PLAIN", $"\0tim\0{huge}"));
        Assert.Equal(["Password:", "Malformed"], await harness.Speak("LOGIN", huge, "x"));
    }
}
