using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Options;
using Relay.Support;

namespace Relay.SmtpIngress.Tests.Auth;

/// <summary>OAUTHBEARER and XOAUTH2, with tokens of an authority on loopback.</summary>
public sealed class TokenMechanismTests : IAsyncLifetime
{
    private const string Error = """{"status":"invalid_token"}""";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
    private readonly HttpClient http = new();
    private TokenAuthority authority = null!;
    private SaslHarness harness = null!;
    private string token = "";

    public async ValueTask InitializeAsync()
    {
        authority = await TokenAuthority.StartAsync();
        var options = new AuthOptions { TokenAuthority = authority.Address, TokenAudiences = ["api://relay"], MaxFailuresPerAddress = 1000 };
        harness = new SaslHarness(new TokenValidator(options, http, time, new RecordingLog<TokenValidator>()), time, options);
        token = authority.Token(time);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await authority.DisposeAsync();
    }

    [Theory]
    [InlineData("n,a=user,\x01host=server.example.com\x01port=587\x01" + "auth=Bearer TOKEN\x01\x01")] // RFC 7628 §4.1
    [InlineData("n,,\x01" + "auth=Bearer TOKEN\x01\x01")]
    [InlineData("y,,\x01" + "auth=bearer TOKEN\x01\x01")]
    [InlineData("n,a=USER,\x01" + "auth=Bearer TOKEN\x01" + "mthd=x\x01\x01")]
    public async Task Good_oauthbearer(string response) =>
        Assert.Equal(["SignedIn"], await harness.Speak("OAUTHBEARER", With(response)));

    [Theory]
    [InlineData("user=user\x01" + "auth=Bearer TOKEN\x01\x01")]
    [InlineData("user=\x01" + "auth=bearer TOKEN\x01\x01")]
    public async Task Good_xoauth2(string response) =>
        Assert.Equal(["", "SignedIn"], await harness.Speak("XOAUTH2", null, With(response)));

    [Fact]
    public async Task A_token_that_is_refused_is_told_before_the_failure()
    {
        var expired = token;
        time.Advance(TimeSpan.FromDays(1));

        Assert.Equal([Error, "TokenRefused"], await harness.Speak("OAUTHBEARER", $"n,a=user,\u0001auth=Bearer {expired}\u0001\u0001", "\u0001"));
        Assert.Equal((SignInResult.TokenRefused, "user", "it expired at 2031-05-06 08:08:09Z"), harness.Last);
        Assert.Equal(
            ["""{"status":"401","schemes":"bearer"}""", "TokenRefused"],
            await harness.Speak("XOAUTH2", $"user=user\u0001auth=Bearer {expired}\u0001\u0001", ""));
        Assert.Equal(2, harness.Accounts.SignIns.Count);
    }

    [Fact]
    public async Task Cancelling_after_the_error_is_the_same_failure_and_is_noted_once()
    {
        var exchange = harness.Create("OAUTHBEARER")!;
        await exchange.StepAsync("n,,\u0001auth=Bearer x\u0001\u0001"u8.ToArray(), default);

        Assert.Equal(SignInResult.TokenRefused, exchange.Abandon("cancelled").Result);
        Assert.Equal(SignInResult.TokenRefused, Assert.Single(harness.Accounts.SignIns).Result);
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_refused() =>
        Assert.Equal([Error, "WrongMethod"], await harness.Speak("OAUTHBEARER", With("n,a=tim,\u0001auth=Bearer TOKEN\u0001\u0001"), "\u0001"));

    [Fact]
    public async Task An_authority_that_is_down_is_temporary_at_once()
    {
        authority.IsUp = false;

        Assert.Equal(["Unavailable"], await harness.Speak("OAUTHBEARER", With("n,,\u0001auth=Bearer TOKEN\u0001\u0001")));
    }

    [Theory]
    [InlineData("", "the GS2 header is broken")]
    [InlineData("\x01", "the GS2 header is broken")]
    [InlineData("p=x,,\x01" + "auth=Bearer TOKEN\x01\x01", "asks for channel binding, which is not offered")]
    [InlineData("n,,", "its pairs are broken")]
    [InlineData("n,,\x01", "its pairs are broken")]
    [InlineData("n,,\x01\x01", "its pairs are broken")]
    [InlineData("n,,\x01" + "auth=Bearer TOKEN\x01", "its pairs are broken")]
    [InlineData("n,,\x01" + "auth=Bearer TOKEN", "its pairs are broken")]
    [InlineData("n,,auth=Bearer TOKEN\x01\x01", "its pairs are broken")]
    [InlineData("n,,\x01" + "x\x01" + "auth=Bearer TOKEN\x01\x01", "its pairs are broken")]
    [InlineData("n,,\x01" + "auth=Bearer TOKEN\x01" + "auth=Bearer TOKEN\x01\x01", "its pairs are broken")]
    [InlineData("n,,\x01" + "auth=Basic TOKEN\x01\x01", "there is no bearer token in it")]
    [InlineData("n,,\x01" + "auth=Bearer \x01\x01", "there is no bearer token in it")]
    [InlineData("n,,\x01host=x\x01\x01", "there is no bearer token in it")]
    [InlineData("n,,\x01" + "auth=Bearer \xff\x01\x01", "it is not UTF-8")]
    public async Task Broken_oauthbearer(string response, string detail)
    {
        Assert.Equal(["Malformed"], await harness.Speak("OAUTHBEARER", With(response)));
        Assert.Equal((SignInResult.Malformed, null, detail), harness.Last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("user=user")]
    [InlineData("user=user\x01" + "auth=Bearer TOKEN\x01")]
    [InlineData("user=user\x01" + "auth=Bearer TOKEN\x01\x01\x01")]
    [InlineData("user=user\x01" + "auth=Basic TOKEN\x01\x01")]
    [InlineData("auth=Bearer TOKEN\x01user=user\x01\x01")]
    [InlineData("us\0r=user\x01" + "auth=Bearer TOKEN\x01\x01")]
    public async Task Broken_xoauth2(string response) =>
        Assert.Equal(["Malformed"], await harness.Speak("XOAUTH2", With(response)));

    [Fact]
    public void Tokens_are_offered_only_where_they_are_taken()
    {
        Assert.Equal(["PLAIN", "LOGIN", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"], harness.Offered);
        var without = new SaslHarness();
        Assert.Equal(["PLAIN", "LOGIN", "SCRAM-SHA-256"], without.Offered);
        Assert.Null(without.Create("XOAUTH2"));
        Assert.NotNull(harness.Create("xOauth2"));
        Assert.Null(harness.Create("CRAM-MD5"));
        Assert.Null(harness.Create(""));
    }

    private string With(string response) => response.Replace("TOKEN", token, StringComparison.Ordinal);
}
