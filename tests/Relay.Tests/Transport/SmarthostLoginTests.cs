using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Relay.Accounts;
using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>Signing in at a smarthost (RFC 4954).</summary>
public sealed class SmarthostLoginTests : IDisposable
{
    private readonly X509Certificate2 certificate = TestCertificate.For("127.0.0.1");
    private readonly string file = Path.GetTempFileName();

    public void Dispose()
    {
        certificate.Dispose();
        File.Delete(file);
    }

    [Theory]
    [InlineData(SmarthostAuth.Plain, "AUTH PLAIN LOGIN")]
    [InlineData(SmarthostAuth.Auto, "AUTH LOGIN PLAIN")]
    [InlineData(SmarthostAuth.Auto, "AUTH=PLAIN")]
    public async Task PLAIN_sends_name_and_password_at_once(SmarthostAuth auth, string offer)
    {
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, offer, async () =>
            Assert.Equal($"AUTH PLAIN {Base64("\0app\0hunter2")}", await s.ExpectAsync("AUTH", "235 2.7.0 welcome"))));
        await using var sending = SigningIn(auth);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task LOGIN_answers_the_two_questions()
    {
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, "AUTH LOGIN", async () =>
        {
            Assert.Equal("AUTH LOGIN", await s.ExpectAsync("AUTH", $"334 {Base64("Username:")}"));
            Assert.Equal(Base64("app"), await s.ExpectAsync("", $"334 {Base64("Password:")}"));
            Assert.Equal(Base64("hunter2"), await s.ExpectAsync("", "235 2.7.0 welcome"));
        }));
        await using var sending = SigningIn(SmarthostAuth.Login);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task SCRAM_is_preferred_and_shows_the_password_to_nobody()
    {
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, "AUTH PLAIN SCRAM-SHA-256 LOGIN", () => ScramAsync(s, "hunter2")));
        await using var sending = SigningIn(SmarthostAuth.Auto);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.DoesNotContain(server.Sessions[0].Commands, c => c.Contains(Base64("hunter2"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_password_gets_no_mail_by_SCRAM()
    {
        await using var server = ScriptedSmtpServer.Start(s => SecureAsync(s, "AUTH SCRAM-SHA-256", () => ScramAsync(s, "hunter2", isImpostor: true)));
        await using var sending = SigningIn(SmarthostAuth.Auto);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 451, "4.7.0");
    }

    [Theory]
    [InlineData("i=1")]
    [InlineData("i=2000000000")]
    [InlineData("i=x")]
    public async Task A_server_cannot_make_us_calculate_for_hours(string iterations)
    {
        await using var server = ScriptedSmtpServer.Start(s => SecureAsync(s, "AUTH SCRAM-SHA-256", async () =>
        {
            var first = Text((await s.ExpectAsync("AUTH"))["AUTH SCRAM-SHA-256 ".Length..]);
            await s.SayAsync($"334 {Base64($"r={first.Split("r=")[1]}server,s={Base64("salt")},{iterations}")}");
            await s.ExpectAsync("*", "501 5.7.0 given up");
        }));
        await using var sending = SigningIn(SmarthostAuth.ScramSha256);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 451, "4.7.0");
    }

    [Fact]
    public async Task XOAUTH2_shows_a_token_of_our_identity()
    {
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, "AUTH XOAUTH2 PLAIN", async () => Assert.Equal(
            $"AUTH XOAUTH2 {Base64("user=app\u0001auth=Bearer token-1\u0001\u0001")}", await s.ExpectAsync("AUTH", "235 2.7.0 welcome"))));
        await using var sending = SigningIn(SmarthostAuth.XOAuth2);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_refused_token_is_answered_as_the_mechanism_asks()
    {
        await using var server = ScriptedSmtpServer.Start(s => SecureAsync(s, "AUTH XOAUTH2", async () =>
        {
            await s.ExpectAsync("AUTH", $"334 {Base64("{\"status\":\"400\"}")}");
            Assert.Equal("", await s.ExpectAsync("", "535 5.7.3 no"));
        }));
        await using var sending = SigningIn(SmarthostAuth.XOAuth2);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 535, "5.7.3");
    }

    [Fact]
    public async Task A_refused_password_never_bounces_mail_and_the_next_host_is_tried()
    {
        await using var first = ScriptedSmtpServer.Start(s => SecureAsync(s, "AUTH PLAIN", () => s.ExpectAsync("AUTH", "535 5.7.8 wrong")));
        await using var second = ScriptedSmtpServer.Start(s => TakeAsync(s, "AUTH PLAIN", () => s.ExpectAsync("AUTH", "235 ok")));
        await using var sending = SigningIn(SmarthostAuth.Auto);

        (await sending.HelloAsync(first.Port, first.Port)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 535, "5.7.8");
        (await sending.HelloAsync(first.Port, second.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("PIPELINING")]
    [InlineData("AUTH GSSAPI NTLM")]
    public async Task Where_no_mechanism_fits_the_mail_waits(string offer)
    {
        await using var server = ScriptedSmtpServer.Start(s => SecureAsync(s, offer, () => Task.CompletedTask));
        await using var sending = SigningIn(SmarthostAuth.Auto);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 451, "4.7.0");
    }

    [Fact]
    public async Task A_password_goes_in_clear_only_where_the_route_says_so()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("AUTH PLAIN");
            await s.ExpectAsync("AUTH PLAIN", "235 ok");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var clear = SigningIn(SmarthostAuth.Auto);
        clear.Tls = TlsMode.Off;
        await using var wary = SigningIn(SmarthostAuth.Auto);
        wary.Tls = TlsMode.Opportunistic;

        (await clear.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        await using var bare = ScriptedSmtpServer.Start(s => Task.WhenAll(s.GreetAsync("AUTH PLAIN"), Task.CompletedTask).ContinueWith(_ => s.EndAsync(), TaskScheduler.Default).Unwrap());
        (await wary.HelloAsync(bare.Port)).Is(OutcomeKind.Deferred, Reasons.TlsRequired, 451, "4.7.11");
    }

    [Fact]
    public async Task A_kept_connection_is_signed_in_once()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            await s.StartTlsAsync(certificate);
            await s.EhloAsync("AUTH PLAIN");
            await s.ExpectAsync("AUTH", "235 ok");
            await s.TakeMessageAsync();
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = SigningIn(SmarthostAuth.Auto);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Single(server.Sessions);
    }

    [Theory]
    [InlineData("127.0.0.1:app:hunter2")]
    [InlineData("# a comment\nother.example:x:y\n*:app:hunter2")]
    [InlineData("127.0.0.*:never:fits\n127.0.0.1:app:hunter2\n127.0.0.1:second:line")]
    public async Task The_password_file_has_a_line_for_the_host(string lines)
    {
        await File.WriteAllTextAsync(file, lines, TestContext.Current.CancellationToken);
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, "AUTH PLAIN", async () =>
            Assert.Equal($"AUTH PLAIN {Base64("\0app\0hunter2")}", await s.ExpectAsync("AUTH", "235 ok"))));
        await using var sending = SigningIn(new SmarthostRoute { Auth = SmarthostAuth.Auto, PasswordFile = file });

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task The_password_file_is_read_again_when_it_has_changed_and_colons_and_doubled_carets_are_understood()
    {
        await File.WriteAllTextAsync(file, "*:app:old", TestContext.Current.CancellationToken);
        var logins = new Relay.Transport.Login.PasswordFile(file);
        Assert.Equal(("app", "old"), logins.For("a.example"));

        await File.WriteAllTextAsync(file, "*:app:n^^e:w", TestContext.Current.CancellationToken);

        Assert.Equal(("app", "n^e:w"), logins.For("a.example"));
    }

    [Fact]
    public async Task Mail_waits_while_the_password_file_cannot_be_read()
    {
        await using var sending = SigningIn(new SmarthostRoute { Auth = SmarthostAuth.Auto, PasswordFile = file + ".missing" });

        (await sending.HelloAsync(1)).Is(OutcomeKind.Deferred, Reasons.LoginFailed, 451, "4.7.0");
    }

    [Fact]
    public async Task No_more_recipients_go_in_one_transaction_than_the_route_allows()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.TakeMessageAsync();
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending { Smarthosting = new SmarthostRoute { MaxRecipients = 1 } };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "a@example.com", "b@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
    }

    private Sending SigningIn(SmarthostAuth auth) => SigningIn(new SmarthostRoute { Auth = auth, User = "app", Password = "hunter2" });

    private Sending SigningIn(SmarthostRoute route) =>
        new(settings: new SmtpClientSettings(Sending.HostName, TimeProvider.System) { Trust = TestCertificate.Trusting(certificate) }, credential: new OneToken())
        {
            Tls = TlsMode.Required,
            Smarthosting = route,
        };

    /// <summary>Under TLS, signed in as the script says, one message.</summary>
    private async Task TakeAsync(ScriptedSmtpSession s, string offer, Func<Task> signIn)
    {
        await BeginAsync(s, offer);
        await signIn();
        await s.TakeMessageAsync();
        await s.QuitAsync();
    }

    /// <summary>Under TLS, and no message comes.</summary>
    private async Task SecureAsync(ScriptedSmtpSession s, string offer, Func<Task> signIn)
    {
        await BeginAsync(s, offer);
        await signIn();
        await s.EndAsync();
        Assert.DoesNotContain(s.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    private async Task BeginAsync(ScriptedSmtpSession s, string offer)
    {
        await s.GreetAsync("STARTTLS");
        await s.StartTlsAsync(certificate);
        await s.EhloAsync(offer);
    }

    /// <summary>The server's side, by the arithmetic that the SMTP server of Relay uses.</summary>
    private static async Task ScramAsync(ScriptedSmtpSession s, string password, bool isImpostor = false)
    {
        var keys = ScramSha256.Derive(password, Encoding.ASCII.GetBytes("0123456789abcdef"), 4096);
        var firstBare = Text((await s.ExpectAsync("AUTH"))["AUTH SCRAM-SHA-256 ".Length..])["n,,".Length..];
        Assert.StartsWith("n=app,r=", firstBare);
        var serverFirst = $"r={firstBare.Split("r=")[1]}server,s={Convert.ToBase64String(keys.Salt)},i=4096";
        await s.SayAsync($"334 {Base64(serverFirst)}");
        var final = Text(await s.ExpectAsync(""));
        var withoutProof = final[..final.LastIndexOf(",p=", StringComparison.Ordinal)];
        var message = Encoding.UTF8.GetBytes($"{firstBare},{serverFirst},{withoutProof}");
        Assert.True(ScramSha256.ProofHolds(keys, message, Convert.FromBase64String(final[(withoutProof.Length + 3)..])));
        var signature = isImpostor ? RandomNumberGenerator.GetBytes(32) : ScramSha256.ServerSignature(keys, message);
        await s.SayAsync($"334 {Base64($"v={Convert.ToBase64String(signature)}")}");
        await s.ExpectAsync(isImpostor ? "*" : "", isImpostor ? "501 5.7.0 given up" : "235 2.7.0 welcome");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private sealed class OneToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://outlook.office365.com/.default"], requestContext.Scopes);
            return new AccessToken("token-1", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
