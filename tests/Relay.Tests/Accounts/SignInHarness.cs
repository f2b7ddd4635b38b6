using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Accounts;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Accounts;

/// <summary>An authenticator over accounts in memory, by a clock that the test moves.</summary>
internal sealed class SignInHarness
{
    public const string Home = "192.0.2.7";

    public SignInHarness(AuthOptions? options = null)
    {
        Options = options ?? new AuthOptions();
        Accounts = new MemoryAccounts(Time);
        Authenticator = New();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public AuthOptions Options { get; }

    public MemoryAccounts Accounts { get; }

    public RecordingLog<Authenticator> Log { get; } = new();

    public Authenticator Authenticator { get; }

    public SignIn Last => Accounts.SignIns[^1];

    /// <summary>Another process with the same accounts.</summary>
    public Authenticator New() => new(Accounts, Options, Time, Log, null);

    public static SignInAttempt From(string? client, string mechanism = "PLAIN") =>
        new("s1", mechanism, client is null ? null : IPAddress.Parse(client));

    public async Task<SignInOutcome> Password(string name, string password, string? client = Home) =>
        await Authenticator.WithPasswordAsync(From(client), name, password, default);

    /// <summary>By SCRAM, which needs no slow work here: for tests of what counts.</summary>
    public async Task<SignInOutcome> Scram(string name, bool isRight, string? client = Home)
    {
        var attempt = From(client, "SCRAM-SHA-256");
        var start = await Authenticator.ScramKeysAsync(attempt, name, default);
        return start.Keys is null ? start.End : await Authenticator.WithScramAsync(attempt, name, start.Keys, isRight, default);
    }

    public async Task Fail(string name, int times, string? client = Home)
    {
        for (var i = 0; i < times; i++)
        {
            await Scram(name, isRight: false, client);
        }
    }
}
