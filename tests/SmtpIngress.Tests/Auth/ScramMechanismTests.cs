using System.Text;
using Relay.Accounts;

namespace Relay.SmtpIngress.Tests.Auth;

/// <summary>SCRAM-SHA-256, from the exchange of RFC 7677 §3.</summary>
public sealed class ScramMechanismTests
{
    private const string First = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string Final =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private readonly SaslHarness harness = new();

    [Fact]
    public async Task The_exchange_of_RFC_7677()
    {
        Assert.Equal([ServerFirst, ServerFinal, "SignedIn"], await harness.Speak("SCRAM-SHA-256", First, Final, ""));
        Assert.Equal(["", ServerFirst, ServerFinal, "SignedIn"], await harness.Speak("scram-sha-256", null, First, Final, ""));
    }

    [Fact]
    public async Task A_wrong_proof_ends_it()
    {
        var wrong = Final.Replace("p=d", "p=e", StringComparison.Ordinal);

        Assert.Equal([ServerFirst, "WrongPassword"], await harness.Speak("SCRAM-SHA-256", First, wrong));
    }

    [Fact]
    public async Task A_name_without_an_account_goes_the_same_way()
    {
        var said = await harness.Speak("SCRAM-SHA-256", First.Replace("n=user", "n=nobody", StringComparison.Ordinal), Final);

        Assert.StartsWith("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=", said[0]);
        Assert.EndsWith($"==,i={ScramSha256.Iterations}", said[0]);
        Assert.Equal("UnknownAccount", said[1]);
    }

    [Theory]
    [InlineData("n,,n=tim,r=abc", "n,,", "tim", "tanstaaftanstaaf")]
    [InlineData("y,,n=tim,r=abc", "y,,", "tim", "tanstaaftanstaaf")] // the client could bind to a channel
    [InlineData("n,a=tim,n=TIM,r=abc", "n,a=tim,", "TIM", "tanstaaftanstaaf")]
    [InlineData("n,,n=tim,r=abc,x=ignored,y=2", "n,,", "tim", "tanstaaftanstaaf")] // extensions that may be ignored
    [InlineData("n,a=a=2Cb=3Dc,n=a=2Cb=3Dc,r=abc", "n,a=a=2Cb=3Dc,", "a,b=c", "x")]
    public async Task Forms_that_are_good(string first, string gs2, string name, string password)
    {
        var exchange = harness.Create("SCRAM-SHA-256")!;
        var serverFirst = Encoding.UTF8.GetString((await exchange.StepAsync(Encoding.UTF8.GetBytes(first), default)).Challenge.Span);
        var parts = serverFirst.Split(',').Select(p => p[2..]).ToArray();
        var salted = ScramSha256.SaltedPassword(password, Convert.FromBase64String(parts[1]), int.Parse(parts[2]));
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(gs2))},r={parts[0]}";
        var proof = Proof(salted, $"{first[gs2.Length..]},{serverFirst},{withoutProof}");

        var final = await exchange.StepAsync(Encoding.UTF8.GetBytes($"{withoutProof},p={proof}"), default);
        Assert.Null(final.End);
        var end = (await exchange.StepAsync(Array.Empty<byte>(), default)).End;
        Assert.Equal((SignInResult.SignedIn, name.ToLowerInvariant()), (end?.Result, end?.Account?.Name));
    }

    [Theory]
    [InlineData("", "the GS2 header is broken")]
    [InlineData("n", "the GS2 header is broken")]
    [InlineData("n,", "the GS2 header is broken")]
    [InlineData("n,n=user,r=abc", "the GS2 header is broken")]
    [InlineData("x,,n=user,r=abc", "the GS2 header is broken")]
    [InlineData("n,user,n=user,r=abc", "the GS2 header is broken")]
    [InlineData("p=tls-exporter,,n=user,r=abc", "asks for channel binding, which is not offered")]
    [InlineData("n,a=other,n=user,r=abc", "asks to act as another account")]
    [InlineData("n,,m=ext,n=user,r=abc", "asks for an extension that is not known")]
    [InlineData("n,,", "the first message is broken")]
    [InlineData("n,,n=user", "the first message is broken")]
    [InlineData("n,,r=abc,n=user", "the first message is broken")]
    [InlineData("n,,n=,r=abc", "the first message is broken")]
    [InlineData("n,,n=user,r=", "the first message is broken")]
    [InlineData("n,,n=us=er,r=abc", "the first message is broken")]
    [InlineData("n,,n=user=2,r=abc", "the first message is broken")]
    [InlineData("n,,n=user=2c,r=abc", "the first message is broken")]
    [InlineData("n,,n=user,r=a c", "the first message is broken")]
    [InlineData("n,,n=user,r=a\x7f", "the first message is broken")]
    [InlineData("n,,n=us\0er,r=abc", "it is not UTF-8")]
    [InlineData("n,,n=us\u00ffer,r=abc", "it is not UTF-8")]
    public async Task First_messages_that_are_refused(string first, string detail)
    {
        Assert.Equal(["Malformed"], await harness.Speak("SCRAM-SHA-256", first));
        Assert.Equal((SignInResult.Malformed, null, detail), harness.Last);
    }

    [Theory]
    [InlineData("", "the final message is broken")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "the final message is broken")]
    [InlineData("c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "the final message is broken")]
    [InlineData("c=biws,r=x,m=1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "the final message is broken")]
    [InlineData("c=biws,r=x,p=", "the final message is broken")]
    [InlineData("c=biws,r=x,p=AAAA", "the final message is broken")]
    [InlineData("c=biws,r=x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x=1", "the final message is broken")]
    [InlineData("c=bi ws,r=x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "the final message is broken")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "the channel binding is not that of the first message")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "the nonce is not that of this exchange")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "the nonce is not that of this exchange")]
    public async Task Final_messages_that_are_refused(string final, string detail)
    {
        Assert.Equal([ServerFirst, "Malformed"], await harness.Speak("SCRAM-SHA-256", First, final));
        Assert.Equal((SignInResult.Malformed, "user", detail), harness.Last);
    }

    [Fact]
    public async Task Who_does_not_take_the_servers_last_message_is_not_signed_in()
    {
        Assert.Equal([ServerFirst, ServerFinal, "Malformed"], await harness.Speak("SCRAM-SHA-256", First, Final, "x"));

        var exchange = harness.Create("SCRAM-SHA-256")!;
        await exchange.StepAsync(Encoding.UTF8.GetBytes(First), default);
        await exchange.StepAsync(Encoding.UTF8.GetBytes(Final), default);
        Assert.Equal(SignInResult.Malformed, exchange.Abandon("cancelled").Result);
        Assert.Equal((SignInResult.Malformed, "user", "cancelled, after the password was shown to be right"), harness.Last);
    }

    [Fact]
    public async Task Accounts_that_cannot_be_read_are_temporary_at_either_step()
    {
        harness.Accounts.Failure = Support.MemoryAccounts.Gone;
        Assert.Equal(["Unavailable"], await harness.Speak("SCRAM-SHA-256", First));

        harness.Accounts.Failure = null;
        var exchange = harness.Create("SCRAM-SHA-256")!;
        await exchange.StepAsync(Encoding.UTF8.GetBytes(First), default);
        harness.Accounts.Failure = Support.MemoryAccounts.Gone;
        Assert.Equal(SignInResult.Unavailable, (await exchange.StepAsync(Encoding.UTF8.GetBytes(Final), default)).End?.Result);
    }

    private static string Proof(byte[] salted, string authMessage)
    {
        var clientKey = ScramSha256.ClientKey(salted);
        var storedKey = System.Security.Cryptography.SHA256.HashData(clientKey);
        var signature = System.Security.Cryptography.HMACSHA256.HashData(storedKey, Encoding.UTF8.GetBytes(authMessage));
        return Convert.ToBase64String([.. clientKey.Zip(signature, (a, b) => (byte)(a ^ b))]);
    }
}
