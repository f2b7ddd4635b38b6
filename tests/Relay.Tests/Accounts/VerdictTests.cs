using System.Diagnostics.Metrics;
using System.Net;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Tests.Accounts;

/// <summary>What an operator is told of an attempt, and what it costs.</summary>
public sealed class VerdictTests
{
    private readonly SignInHarness harness = new();

    public VerdictTests()
    {
        harness.Accounts.Add("app", "right");
        harness.Accounts.Add("off", "right", a => a with { IsDisabled = true });
        harness.Accounts.Add("far", "right", a => a with { Networks = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")] });
        harness.Accounts.Add("both", "right", a => a with { IsDisabled = true, Networks = [IPNetwork.Parse("10.0.0.0/8")] });
        harness.Accounts.Add("tokens");
    }

    [Theory]
    [InlineData("app", "right", SignInResult.SignedIn)]
    [InlineData("APP", "right", SignInResult.SignedIn)]
    [InlineData("app", "wrong", SignInResult.WrongPassword)]
    [InlineData("app", "", SignInResult.WrongPassword)]
    [InlineData("nobody", "right", SignInResult.UnknownAccount)]
    [InlineData("off", "right", SignInResult.AccountDisabled)]
    [InlineData("off", "wrong", SignInResult.AccountDisabled)]
    [InlineData("far", "right", SignInResult.NetworkNotAllowed)]
    [InlineData("far", "wrong", SignInResult.NetworkNotAllowed)]
    [InlineData("both", "right", SignInResult.AccountDisabled)]
    [InlineData("tokens", "right", SignInResult.WrongMethod)]
    public async Task Each_attempt_makes_one_check_of_a_password_whatever_the_verdict(string name, string password, SignInResult result)
    {
        var outcome = await harness.Password(name, password);

        Assert.Equal(result, outcome.Result);
        Assert.Equal(result == SignInResult.SignedIn ? "app" : null, outcome.Account?.Name);
        Assert.Equal(1, harness.Authenticator.Passwords.Derivations);
        Assert.Equal(result, Assert.Single(harness.Accounts.SignIns).Result);
    }

    [Theory]
    [InlineData("app", true, SignInResult.SignedIn)]
    [InlineData("app", false, SignInResult.WrongPassword)]
    [InlineData("nobody", true, SignInResult.UnknownAccount)]
    [InlineData("off", true, SignInResult.AccountDisabled)]
    [InlineData("far", true, SignInResult.NetworkNotAllowed)]
    [InlineData("tokens", true, SignInResult.WrongMethod)]
    public async Task Scram_has_the_same_verdicts(string name, bool proofHolds, SignInResult result)
    {
        Assert.Equal(result, (await harness.Scram(name, proofHolds)).Result);
        Assert.Equal(result, Assert.Single(harness.Accounts.SignIns).Result);
    }

    [Theory]
    [InlineData("10.1.2.3", SignInResult.SignedIn)]
    [InlineData("::ffff:10.1.2.3", SignInResult.SignedIn)]
    [InlineData("2001:db8::1", SignInResult.SignedIn)]
    [InlineData("192.0.2.7", SignInResult.NetworkNotAllowed)]
    [InlineData("::ffff:192.0.2.7", SignInResult.NetworkNotAllowed)]
    [InlineData(null, SignInResult.NetworkNotAllowed)]
    public async Task An_account_with_networks_signs_in_from_there_alone(string? client, SignInResult result) =>
        Assert.Equal(result, (await harness.Scram("far", true, client)).Result);

    [Fact]
    public async Task A_password_that_changes_inside_an_exchange_of_scram_is_the_wrong_one()
    {
        var attempt = SignInHarness.From("192.0.2.7", "SCRAM-SHA-256");
        var keys = (await harness.Authenticator.ScramKeysAsync(attempt, "app", default)).Keys!;
        harness.Accounts.Add("app", "other");

        Assert.Equal(SignInResult.WrongPassword, (await harness.Authenticator.WithScramAsync(attempt, "app", keys, true, default)).Result);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("tokens")]
    public async Task A_decoy_looks_like_an_account(string name)
    {
        var attempt = SignInHarness.From("192.0.2.7", "SCRAM-SHA-256");
        var decoy = (await harness.Authenticator.ScramKeysAsync(attempt, name, default)).Keys!;
        var again = (await harness.Authenticator.ScramKeysAsync(attempt, name.ToUpperInvariant(), default)).Keys!;
        var other = (await harness.Authenticator.ScramKeysAsync(attempt, "nobody2", default)).Keys!;
        var real = (await harness.Authenticator.ScramKeysAsync(attempt, "app", default)).Keys!;

        Assert.Equal(decoy.Salt, again.Salt);
        Assert.NotEqual(decoy.Salt, other.Salt);
        Assert.Equal((real.Salt.Length, real.Iterations), (decoy.Salt.Length, decoy.Iterations));
        Assert.False(decoy.StoredKey.SequenceEqual(again.StoredKey), "nobody can make a proof for keys that are thrown away");
    }

    [Fact]
    public async Task Disabling_or_locking_an_account_does_not_change_its_salt()
    {
        var attempt = SignInHarness.From("192.0.2.7", "SCRAM-SHA-256");
        var before = (await harness.Authenticator.ScramKeysAsync(attempt, "app", default)).Keys!;
        await harness.Accounts.SaveAsync((await harness.Accounts.FindAsync("app", default))! with { IsDisabled = true }, default);
        await harness.Fail("app", 30);

        Assert.Equal(before.Salt, (await harness.Authenticator.ScramKeysAsync(attempt, "app", default)).Keys!.Salt);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("bug")]
    public async Task Trouble_with_the_accounts_is_temporary_and_told(string trouble)
    {
        harness.Accounts.Failure = trouble == "gone" ? new SpoolException(SpoolFault.Unavailable, "no disk") : new InvalidOperationException("a bug");

        Assert.Equal(SignInResult.Unavailable, (await harness.Password("app", "right")).Result);
        Assert.Equal(SignInResult.Unavailable, (await harness.Scram("app", true)).Result);
        Assert.All(harness.Accounts.SignIns, s => Assert.Equal(SignInResult.Unavailable, s.Result));
        Assert.Contains(harness.Log.Lines, l => l.Event == EventIds.AccountsFailed && l.Level == LogLevel.Error);

        harness.Accounts.Failure = null;
        Assert.Equal(SignInResult.SignedIn, (await harness.Password("app", "right")).Result);
    }

    [Fact]
    public async Task A_session_that_ends_is_not_trouble()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await harness.Authenticator.WithPasswordAsync(SignInHarness.From("192.0.2.7"), "app", "right", cancelled));

        Assert.Empty(harness.Accounts.SignIns);
    }

    [Fact]
    public async Task Every_attempt_is_one_line_without_a_secret()
    {
        await harness.Password("app", "right");
        await harness.Password("app", "secret-guess");
        await harness.Password("no\r\n720 s1 signed-in\u202e", "secret-guess");
        harness.Authenticator.Refuse(SignInHarness.From(null, "X\nY"), null, SignInResult.MechanismNotOffered, "a\nb");

        Assert.Equal(
            [
                (EventIds.SignedIn, LogLevel.Information, "s1 signed-in: app from 192.0.2.7 by PLAIN"),
                (EventIds.SignInFailed, LogLevel.Warning, "s1 wrong-password: app from 192.0.2.7 by PLAIN ((null))"),
                (EventIds.SignInFailed, LogLevel.Warning, "s1 unknown-account: no..720 s1 signed-in. from 192.0.2.7 by PLAIN ((null))"),
                (EventIds.SignInFailed, LogLevel.Warning, "s1 mechanism-not-offered: (null) from (null) by X.Y (a.b)"),
            ],
            harness.Log.Lines.Select(l => (l.Event, l.Level, l.Text)));
        Assert.Equal("no..720 s1 signed-in.", harness.Accounts.SignIns[2].Account);
        Assert.Equal(("X.Y", "a.b", harness.Time.GetUtcNow()), (harness.Last.Mechanism, harness.Last.Detail, harness.Last.At));
    }

    [Theory]
    [InlineData("")]
    [InlineData("long")]
    public async Task A_name_that_can_be_no_accounts_is_malformed(string name)
    {
        var given = name == "long" ? new string('a', Authenticator.MaxName + 1) : name;

        Assert.Equal(SignInResult.Malformed, (await harness.Password(given, "x")).Result);
        Assert.Equal(SignInResult.Malformed, (await harness.Scram(given, true)).Result);
        Assert.Null(await harness.Authenticator.FindAsync(given, default));
    }

    [Fact]
    public async Task A_proxy_signs_in_only_who_could()
    {
        Assert.Equal("app", (await harness.Authenticator.FindAsync("App", default))?.Name);
        Assert.Null(await harness.Authenticator.FindAsync("off", default));
        Assert.Null(await harness.Authenticator.FindAsync("nobody", default));
    }

    [Fact]
    public async Task The_metric_has_the_verdict_and_only_mechanisms_that_there_are()
    {
        var seen = new List<string>();
        // Before the listener: an instrument that is made under its eyes is not yet in its property.
        var signIns = RelayTelemetry.SignIns;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (i, l) =>
        {
            if (i == signIns)
            {
                l.EnableMeasurementEvents(i);
            }
        };
        // Other tests sign in at the same time: only what happens inside this context counts.
        var mine = new AsyncLocal<bool> { Value = true };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (mine.Value)
            {
                seen.Add(string.Join(' ', tags.ToArray().Select(t => t.Value)));
            }
        });
        listener.Start();

        await harness.Scram("app", true);
        harness.Authenticator.Refuse(SignInHarness.From(null, "plain"), null, SignInResult.TlsRequired, null);
        harness.Authenticator.Refuse(SignInHarness.From(null, "X-7348"), null, SignInResult.MechanismNotOffered, null);

        Assert.Equal(["signed-in SCRAM-SHA-256", "tls-required PLAIN", "mechanism-not-offered other"], seen);
    }

    [Fact]
    public void The_words_are_those_of_the_record() => Assert.All(Enum.GetValues<SignInResult>(), r => Assert.Equal(
        typeof(SignInResult).GetField(r.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name, r.Word()));
}
