using System.Net;
using System.Text.Json;
using Relay.Accounts;
using Relay.Spool;
using Lock = Relay.Accounts.Lock;

namespace Relay.Functions.Tests;

public sealed class AccountsApiTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 11, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_session_is_given_with_its_attempts_to_sign_in()
    {
        await using var server = await RunningServer.StartAsync();
        server.Accounts.OnSignIns = session => session == "d7m2k00001"
            ? [new SignIn { Session = session, At = At, Mechanism = "PLAIN", Account = "app", Result = SignInResult.WrongPassword }]
            : [];

        var response = await server.Client.GetAsync("/sessions/d7m2k00001");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("d7m2k00001", json.GetProperty("session").GetString());
        var signIn = Assert.Single(json.GetProperty("signIns").EnumerateArray());
        Assert.Equal("wrong-password", signIn.GetProperty("result").GetString());
        Assert.Equal("app", signIn.GetProperty("account").GetString());
        Assert.Equal(At, signIn.GetProperty("at").GetDateTimeOffset());
        Assert.False(signIn.TryGetProperty("detail", out _));
    }

    [Fact]
    public async Task A_session_without_attempts_is_404()
    {
        await using var server = await RunningServer.StartAsync();

        await AssertProblem(await server.Client.GetAsync("/sessions/d7m2k00001"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_locks_in_force_now_are_listed()
    {
        await using var server = await RunningServer.StartAsync();
        DateTimeOffset? asked = null;
        server.Accounts.OnLocks = now =>
        {
            asked = now;
            return [new Lock(LockKind.Address, "2001:db8::/64", 10, At.AddHours(2))];
        };

        var json = JsonDocument.Parse(await server.Client.GetStringAsync("/locks")).RootElement;

        Assert.Equal(server.Time.GetUtcNow(), asked);
        var @lock = Assert.Single(json.GetProperty("locks").EnumerateArray());
        Assert.Equal(("address", "2001:db8::/64", 10), (
            @lock.GetProperty("kind").GetString(), @lock.GetProperty("subject").GetString(), @lock.GetProperty("failures").GetInt32()));
        Assert.Equal(At.AddHours(2), @lock.GetProperty("until").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("/locks/address/192.0.2.7", LockKind.Address, "192.0.2.7")]
    [InlineData("/locks/address/::ffff:192.0.2.7", LockKind.Address, "192.0.2.7")]
    [InlineData("/locks/address/2001:db8::7", LockKind.Address, "2001:db8::/64")]
    [InlineData("/locks/address/2001:db8::/64", LockKind.Address, "2001:db8::/64")]
    [InlineData("/locks/address/2001:db8::%2f64", LockKind.Address, "2001:db8::/64")]
    [InlineData("/locks/account/App@Example.com", LockKind.Account, "app@example.com")]
    [InlineData("/locks/account/192.0.2.007", LockKind.Account, "192.0.2.007")]
    [InlineData("/locks/account/a%20b/c%3F", LockKind.Account, "a b/c?")]
    public async Task A_lock_is_lifted(string path, LockKind kind, string subject)
    {
        await using var server = await RunningServer.StartAsync();
        (LockKind, string)? asked = null;
        server.Accounts.OnUnlock = (kind, subject) =>
        {
            asked = (kind, subject);
            return true;
        };

        var response = await server.Client.DeleteAsync(path);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal((kind, subject), asked);
    }

    [Theory]
    [InlineData("/locks/account/app")]
    [InlineData("/locks/account/")]
    [InlineData("/locks/network/app")]
    [InlineData("/locks/1/app")]
    public async Task A_lock_that_is_not_there_is_404(string path)
    {
        await using var server = await RunningServer.StartAsync();

        await AssertProblem(await server.Client.DeleteAsync(path), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Accounts_that_cannot_be_read_are_503_without_the_cause()
    {
        await using var server = await RunningServer.StartAsync();
        server.Accounts.OnLocks = _ => throw new SpoolException(SpoolFault.Unavailable, "secret cause");
        server.Accounts.OnSignIns = _ => throw new SpoolException(SpoolFault.Unavailable, "secret cause");

        foreach (var path in new[] { "/locks", "/sessions/a" })
        {
            var problem = await AssertProblem(await server.Client.GetAsync(path), HttpStatusCode.ServiceUnavailable);
            Assert.DoesNotContain("secret", problem);
        }

        Assert.All(server.Logs.Errors, error => Assert.EndsWith("secret cause", error));
        Assert.Equal(2, server.Logs.Errors.Count);
    }

    private static async Task<string> AssertProblem(HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsStringAsync();
    }
}
