using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Options;
using Relay.Support;
using Relay.Telemetry;

namespace Relay.Tests.Accounts;

/// <summary>Against an authority on loopback, with keys made here.</summary>
public sealed class TokenValidatorTests : IAsyncLifetime
{
    // Far from the clock of the machine: only the injected one may count.
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
    private readonly RecordingLog<TokenValidator> log = new();
    private readonly HttpClient http = new();
    private TokenAuthority authority = null!;
    private TokenValidator validator = null!;

    public async ValueTask InitializeAsync()
    {
        authority = await TokenAuthority.StartAsync();
        validator = New("api://relay", "the-id");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await authority.DisposeAsync();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_good_token_stands_for_its_object_and_its_application(string alg)
    {
        authority.Keys["ec"] = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var verdict = await Validate(authority.Token(time, alg == "ES256" ? "ec" : "k1", alg));

        Assert.Equal((SignInResult.SignedIn, null), (verdict.Result, verdict.Detail));
        Assert.Equal(["the-object", "the-app"], verdict.Subjects);
    }

    [Fact]
    public async Task The_application_counts_only_where_it_acts_for_itself()
    {
        Assert.Equal(["the-object"], (await Validate(authority.Token(time, claims: ("scp", "Mail.Send")))).Subjects);
        Assert.Equal(["the-object"], (await Validate(authority.Token(time, claims: ("idtyp", "user")))).Subjects);
        Assert.Equal(["v1-app"], (await Validate(authority.Token(time, claims: [("oid", null), ("azp", null), ("appid", "v1-app")]))).Subjects);
    }

    [Fact]
    public async Task A_second_audience_and_a_second_issuer_are_good_where_they_are_configured()
    {
        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time, claims: ("aud", "the-id")))).Result);
        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time, claims: ("iss", "https://sts.example/tenant/")))).Result);
    }

    [Theory]
    [InlineData("aud", "api://other", "it was issued for api://other, not for api://relay or the-id")]
    [InlineData("aud", null, "it was issued for")]
    [InlineData("iss", "https://evil.example/", "it was issued by https://evil.example/, not by http://127.0.0.1:")]
    [InlineData("iss", null, "it was issued by")]
    [InlineData("exp", null, "it has no expiry")]
    [InlineData("nonce", "x", "it is an ID token, not an access token")]
    [InlineData("at_hash", "x", "it is an ID token, not an access token")]
    public async Task What_is_wrong_with_a_token_is_told(string claim, string? value, string detail)
    {
        var verdict = await Validate(authority.Token(time, claims: (claim, value)));

        Assert.Equal(SignInResult.TokenRefused, verdict.Result);
        Assert.StartsWith(detail, verdict.Detail);
    }

    [Fact]
    public async Task A_token_is_good_for_two_minutes_on_either_side_of_its_time()
    {
        var token = authority.Token(time);
        time.Advance(TimeSpan.FromSeconds(3600 + 119));
        Assert.Equal(SignInResult.SignedIn, (await Validate(token)).Result);

        time.Advance(TimeSpan.FromSeconds(1));
        var expired = await Validate(token);
        Assert.Equal((SignInResult.TokenRefused, "it expired at 2031-05-06 08:08:09Z"), (expired.Result, expired.Detail));

        var later = time.GetUtcNow().AddSeconds(121);
        var early = await Validate(authority.Token(time, claims: ("nbf", later.ToUnixTimeSeconds())));
        Assert.Equal((SignInResult.TokenRefused, $"it is not valid before {later:u}"), (early.Result, early.Detail));
        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time, claims: ("nbf", later.ToUnixTimeSeconds() - 2)))).Result);
    }

    [Fact]
    public async Task Another_key_under_the_same_id_signs_nothing()
    {
        using var other = RSA.Create(2048);
        var good = authority.Token(time);
        var forged = TokenAuthority.Sign(other, "RS256", "k1", Claims());

        Assert.Equal("its signature is not the authority's", (await Validate(forged)).Detail);
        Assert.Equal("its signature is not the authority's", (await Validate(good[..^10] + "AAAAAAAAAA")).Detail);
        Assert.Equal("its signature is not the authority's", (await Validate(TokenAuthority.Sign(other, "RS256", null, Claims()))).Detail);
    }

    [Fact]
    public async Task A_token_without_a_signature_or_with_a_symmetric_one_is_refused()
    {
        var key = (RSA)authority.Keys["k1"];
        var pem = Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem());

        Assert.Equal("it is signed by none", (await Validate(TokenAuthority.Sign(key, "none", "k1", Claims()))).Detail);
        foreach (var published in new[] { pem, key.ExportSubjectPublicKeyInfo(), key.ExportRSAPublicKey(), key.ExportParameters(false).Modulus! })
        {
            var confused = TokenAuthority.Sign(key, "HS256", "k1", Claims(), hmacKey: published);
            Assert.Equal("it is signed by HS256", (await Validate(confused)).Detail);
        }

        Assert.Equal(SignInResult.TokenRefused, (await Validate(authority.Token(time)[..^342])).Result);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("...")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("bnVsbA.bnVsbA.AAAA")]
    [InlineData("W10.W10.AAAA")]
    [InlineData("a.b.c.d.e")]
    [InlineData("\0\ud800")]
    public async Task Garbage_is_refused(string token)
    {
        Assert.Equal(SignInResult.TokenRefused, (await Validate(token)).Result);
        Assert.Equal(0, authority.Reads);
    }

    [Fact]
    public async Task A_token_of_another_type_or_beyond_the_limit_is_refused()
    {
        Assert.Equal("it is of type logout+jwt",
            (await Validate(TokenAuthority.Sign(authority.Keys["k1"], "RS256", "k1", Claims(), "logout+jwt"))).Detail);
        Assert.Equal("it is no signed JSON web token", (await Validate(authority.Token(time, claims: ("x", new string('a', 13_000))))).Detail);
    }

    [Fact]
    public async Task Keys_are_read_once_and_again_after_half_a_day()
    {
        await Validate(authority.Token(time));
        await Validate(authority.Token(time));
        Assert.Equal(1, authority.Reads);

        time.Advance(TimeSpan.FromHours(12));
        await Validate(authority.Token(time));
        Assert.Equal(2, authority.Reads);
    }

    [Fact]
    public async Task The_first_token_of_a_new_key_is_good()
    {
        await Validate(authority.Token(time));
        authority.Keys["k2"] = RSA.Create(2048);
        authority.Keys.Remove("k1", out var old);
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time, "k2"))).Result);
        Assert.Equal("it is signed with key k1, which the authority does not publish",
            (await Validate(TokenAuthority.Sign(old!, "RS256", "k1", Claims()))).Detail);
    }

    [Fact]
    public async Task Invented_keys_do_not_make_it_read_more_than_twice_a_minute()
    {
        using var other = RSA.Create(2048);
        for (var i = 0; i < 20; i++)
        {
            await Validate(TokenAuthority.Sign(other, "RS256", $"invented{i}", Claims()));
        }

        Assert.Equal(1, authority.Reads);
        time.Advance(TimeSpan.FromSeconds(30));
        await Validate(TokenAuthority.Sign(other, "RS256", "invented", Claims()));
        Assert.Equal(2, authority.Reads);
    }

    [Fact]
    public async Task An_authority_that_is_down_is_temporary_and_its_known_keys_stay_good()
    {
        authority.IsUp = false;
        Assert.Equal(SignInResult.Unavailable, (await Validate(authority.Token(time))).Result);
        Assert.Equal(SignInResult.Unavailable, (await Validate(authority.Token(time))).Result);
        Assert.Equal(1, authority.Reads);
        Assert.Equal(EventIds.TokenKeysFailed, Assert.Single(log.Lines).Event);

        authority.IsUp = true;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time))).Result);

        authority.IsUp = false;
        time.Advance(TimeSpan.FromHours(13));
        Assert.Equal(SignInResult.SignedIn, (await Validate(authority.Token(time))).Result);
    }

    [Fact]
    public async Task Nothing_is_read_over_plain_http_but_from_this_machine()
    {
        authority.KeysAddress = "http://keys.example/keys";

        Assert.Equal(SignInResult.Unavailable, (await Validate(authority.Token(time))).Result);
        Assert.Contains("http://keys.example is not https", Assert.Single(log.Lines).Text);
    }

    [Fact]
    public async Task An_account_signs_in_by_the_token_that_stands_for_it()
    {
        var accounts = new MemoryAccounts(time);
        accounts.Add("user", change: a => a with { TokenSubject = "THE-OBJECT" });
        accounts.Add("password", "x", iterations: 10);
        accounts.Add("off", change: a => a with { TokenSubject = "the-app", IsDisabled = true });
        accounts.Add("other", change: a => a with { TokenSubject = "another" });
        var authenticator = new Authenticator(accounts, new AuthOptions { MaxFailuresPerAccount = 1 }, time, new RecordingLog<Authenticator>(), validator);
        var token = authority.Token(time);

        async Task<(SignInResult, string?, string?)> SignIn(string? name, string with)
        {
            var outcome = await authenticator.WithTokenAsync(SignInHarness.From("192.0.2.7", "OAUTHBEARER"), name, with, default);
            return (outcome.Result, outcome.Account?.Name, accounts.SignIns[^1].Detail);
        }

        Assert.Equal((SignInResult.SignedIn, "user", null), await SignIn(null, token));
        Assert.Equal((SignInResult.SignedIn, "user", null), await SignIn("User", token));
        Assert.Equal((SignInResult.TokenRefused, null, "the token stands for the-object and the-app, not for this account"), await SignIn("other", token));
        Assert.Equal((SignInResult.WrongMethod, null, "no token stands for it"), await SignIn("password", token));
        Assert.Equal((SignInResult.AccountDisabled, null, null), await SignIn("off", token));
        Assert.Equal((SignInResult.UnknownAccount, null, "the token stands for the-object and the-app"), await SignIn("nobody", token));
        Assert.Equal((SignInResult.UnknownAccount, null, "the token stands for x"),
            await SignIn(null, authority.Token(time, claims: [("oid", "x"), ("azp", null)])));
        Assert.Equal((SignInResult.TokenRefused, null, "it is no signed JSON web token"), await SignIn("user", "x"));
        Assert.Empty(accounts.Locks); // one failure of a password would have locked the account
        await SignIn(null, "x");
        await SignIn(null, "x");
        await SignIn(null, "x");
        await SignIn(null, "x");
        Assert.Equal(SignInResult.LockedOut, (await SignIn("user", token)).Item1); // but the address is
        Assert.DoesNotContain(accounts.SignIns, s => s.Detail?.Contains(token[..20], StringComparison.Ordinal) == true);
    }

    private TokenValidator New(params string[] audiences) => new(
        new AuthOptions { TokenAuthority = authority.Address, TokenAudiences = audiences, TokenIssuers = ["https://sts.example/tenant/"] },
        http, time, log);

    private async Task<TokenVerdict> Validate(string token) => await validator.ValidateAsync(token, default);

    private Dictionary<string, object?> Claims() => new()
    {
        ["iss"] = authority.Issuer,
        ["aud"] = "api://relay",
        ["exp"] = time.GetUtcNow().ToUnixTimeSeconds() + 3600,
        ["oid"] = "the-object",
    };
}
