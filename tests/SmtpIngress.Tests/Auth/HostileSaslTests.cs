using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Options;
using Relay.SmtpIngress.Auth;
using Relay.Support;

namespace Relay.SmtpIngress.Tests.Auth;

/// <summary>Whatever octets come, each mechanism answers, ends, and signs nobody in.</summary>
public sealed class HostileSaslTests
{
    private const int Exchanges = 3000;

    // What makes messages: random octets alone would never get past the first comma.
    private static readonly string[] Pieces =
    [
        "n", "y", "p", ",", "=", "a=", "n=user", "r=", "abc", "m=", "c=biws", "c=", "p=", "i=1", "s=", "=2C", "=3D", "=2", "\0", "\x01",
        "user=", "user", "auth=", "Bearer ", "bearer", "x.y.z", "e30.e30.AAAA", "host=x", "\xff", "\xc3\xa4", " ", "*", "AAAA", "tim",
        SaslHarness.ServerNonce, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    ];

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public async Task No_octets_throw_or_sign_in(string name)
    {
        // One failure locks the address, so that the guesses among them cost no work.
        var options = new AuthOptions
        {
            MaxFailuresPerAddress = 1,
            TokenAuthority = new Uri("http://127.0.0.1:1/"),
            TokenAudiences = ["x"],
        };
        using var http = new HttpClient();
        var time = new FakeTimeProvider();
        var harness = new SaslHarness(new TokenValidator(options, http, time, new RecordingLog<TokenValidator>()), time, options);
        var random = new Random(name.Length * 7919);
        for (var i = 0; i < Exchanges; i++)
        {
            var exchange = harness.Create(name)!;
            var ended = false;
            for (var step = 0; step < 6 && !ended; step++)
            {
                var response = Response(random);
                var next = await exchange.StepAsync(response, default);
                Assert.True(next.End?.Result != SignInResult.SignedIn, Convert.ToHexString(response));
                ended = next.End is not null;
            }

            Assert.True(ended, "an exchange goes on for ever");
            exchange.Abandon("and once more");
        }
    }

    [Fact]
    public void No_line_throws()
    {
        var random = new Random(4954);
        for (var i = 0; i < 100_000; i++)
        {
            var line = Response(random);
            SaslWire.Initial(line, out _);
            SaslWire.Response(line, out _);
        }
    }

    private static byte[] Response(Random random)
    {
        if (random.Next(10) == 0)
        {
            var octets = new byte[random.Next(random.Next(10) == 0 ? 20_000 : 40)];
            random.NextBytes(octets);
            return octets;
        }

        var text = new StringBuilder();
        // Beginnings that are right, so that what follows is reached.
        text.Append(random.Next(4) switch { 0 => "n,,", 1 => "n,a=user,", 2 => "n,,n=user,r=abc", _ => "" });
        for (var i = random.Next(12); i > 0; i--)
        {
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
