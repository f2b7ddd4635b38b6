using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Options;
using Relay.SmtpIngress.Auth;
using Relay.Support;

namespace Relay.SmtpIngress.Tests.Auth;

/// <summary>Speaks a mechanism in text; the accounts are <c>user</c> with <c>pencil</c>, as in the examples of the RFCs, and <c>tim</c>.</summary>
internal sealed class SaslHarness
{
    public const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private readonly SaslMechanisms mechanisms;

    public SaslHarness(TokenValidator? tokens = null, FakeTimeProvider? time = null, AuthOptions? options = null)
    {
        Accounts = new MemoryAccounts(time);
        var keys = ScramSha256.Derive("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        Accounts.Add("user", change: a => a with { Password = keys, TokenSubject = "the-object" });
        Accounts.Add("tim", "tanstaaftanstaaf", iterations: 10);
        Accounts.Add("a,b=c", "x", iterations: 10);
        var authenticator = new Authenticator(
            Accounts, options ?? new AuthOptions(), time ?? new FakeTimeProvider(), new RecordingLog<Authenticator>(), tokens);
        mechanisms = new SaslMechanisms(authenticator, () => ServerNonce);
    }

    public MemoryAccounts Accounts { get; }

    public IReadOnlyList<string> Offered => mechanisms.Offered;

    /// <summary>The verdict of the last attempt, its account and what the operator is told.</summary>
    public (SignInResult Result, string? Account, string? Detail) Last =>
        (Accounts.SignIns[^1].Result, Accounts.SignIns[^1].Account, Accounts.SignIns[^1].Detail);

    public ISaslMechanism? Create(string name) => mechanisms.Create(new SignInAttempt("s1", name, IPAddress.Loopback));

    /// <summary>
    /// Runs an exchange to its end: what the server says to each response, a challenge or the verdict.
    /// </summary>
    public async Task<string[]> Speak(string mechanism, params string?[] responses)
    {
        var exchange = Create(mechanism)!;
        var said = new List<string>();
        foreach (var response in responses)
        {
            var step = await exchange.StepAsync(response is null ? null : Encoding.Latin1.GetBytes(response), default);
            if (step.End is { } end)
            {
                said.Add(end.Result.ToString());
                break;
            }

            said.Add(Encoding.UTF8.GetString(step.Challenge.Span));
        }

        return [.. said];
    }
}
