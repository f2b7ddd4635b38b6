using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Accounts.Embedded;
using Lock = Relay.Accounts.Lock;

namespace Relay.Cli.Tests;

/// <summary>The accounts by their commands, with no relay and beside one.</summary>
public sealed class AccountTests : IDisposable
{
    private readonly CommandLine relay = new();

    private string Data => Path.Combine(relay.Folder, ".relay");

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task An_account_is_added_before_any_relay_ran_and_its_generated_password_is_shown_once()
    {
        var added = await relay.RunAsync("account", "add", "App@Example.com");

        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.Matches(@"^Added the account App@Example\.com\. Its password is shown only now:\n[a-z2-9]{26}\n$", added.Out);
        var password = added.Out.Split('\n')[1];
        Assert.True((await FindAsync("app@example.com"))!.Password!.Verify(password));
        var list = await relay.RunAsync("account", "list");
        Assert.Matches(
            @"^NAME +STATE +SIGNS IN BY +AS SENDER +FROM +RATE +ADDED\nApp@Example\.com +enabled +password +any +anywhere +default +\S+Z\n$", list.Out);
        Assert.DoesNotContain(password, list.Out);
    }

    [Fact]
    public async Task All_that_limits_an_account_is_kept_and_shown()
    {
        await AddAsync(
            "app", "--sender", "app@example.com", "--sender", "*.example.com", "--network", "10.0.0.0/8", "--network", "192.0.2.7", "--rate", "600/1h");

        var json = JsonDocument.Parse((await relay.RunAsync("account", "list", "--json")).Out).RootElement;

        var account = Assert.Single(json.GetProperty("accounts").EnumerateArray());
        Assert.Equal(["app@example.com", "*.example.com"], account.GetProperty("senders").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(["10.0.0.0/8", "192.0.2.7/32"], account.GetProperty("networks").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal("600/1h", account.GetProperty("rate").GetString());
        Assert.True(account.GetProperty("hasPassword").GetBoolean());
        Assert.Equal(
            ["name", "disabled", "hasPassword", "senders", "networks", "rate", "createdAt"], account.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("pass word\n", "pass word")]
    [InlineData("pass word\r\n", "pass word")]
    [InlineData("Zoë", "Zoë")]
    public async Task A_password_can_come_from_standard_input_and_is_not_shown(string input, string password)
    {
        relay.Input = () => new MemoryStream(Encoding.UTF8.GetBytes(input));

        var added = await relay.RunAsync("account", "add", "app", "--password-stdin");

        Assert.Equal((0, "", "Added the account app.\n"), (added.ExitCode, added.Error, added.Out));
        Assert.True((await FindAsync("app"))!.Password!.Verify(password));
    }

    [Theory]
    [InlineData("", "the password is empty")]
    [InlineData("\n", "the password is empty")]
    [InlineData("two\nlines\n", "the password has a control character")]
    [InlineData("\u00ff", "the password is not text in UTF-8")]
    public async Task What_is_no_password_is_wrong_usage_and_makes_nothing(string input, string problem)
    {
        relay.Input = () => new MemoryStream(Encoding.Latin1.GetBytes(input));

        var added = await relay.RunAsync("account", "add", "app", "--password-stdin");

        Assert.Equal((ExitCodes.Usage, $"relay: --password-stdin: {problem}"), (added.ExitCode, added.Error.TrimEnd()));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task With_a_subject_of_tokens_there_is_no_password_unless_one_is_given()
    {
        relay.Input = () => new MemoryStream("secret"u8.ToArray());

        var without = await relay.RunAsync("account", "add", "token", "--token-subject", "abc");
        var with = await relay.RunAsync("account", "add", "both", "--token-subject", "def", "--password-stdin");
        var taken = await relay.RunAsync("account", "add", "third", "--token-subject", "ABC");

        Assert.Equal((0, "Added the account token. It has no password and signs in by access token.\n"), (without.ExitCode, without.Out));
        Assert.Equal(0, with.ExitCode);
        Assert.Equal(ExitCodes.Negative, taken.ExitCode);
        Assert.Equal($"relay: tokens of ABC stand for the account token in {Data}, and can stand for one only", taken.Error.TrimEnd());
        var list = (await relay.RunAsync("account", "list")).Out;
        Assert.Matches(@"\nboth +enabled +password, token ", list);
        Assert.Matches(@"\ntoken +enabled +token ", list);
    }

    [Fact]
    public async Task A_name_that_is_there_is_not_added_again()
    {
        await AddAsync("app");
        var before = await FindAsync("app");

        var again = await relay.RunAsync("account", "add", "APP");

        Assert.Equal((ExitCodes.Negative, ""), (again.ExitCode, again.Out));
        Assert.StartsWith($"relay: there is an account app in {Data}: 'relay account password' changes its password", again.Error);
        Assert.Equal(before!.Password!.StoredKey, (await FindAsync("app"))!.Password!.StoredKey);
    }

    [Fact]
    public async Task All_faults_of_a_new_account_are_told_each_on_a_line()
    {
        var outcome = await relay.RunAsync(
            "account", "add", "a b", "--sender", "*", "--network", "10.0.0.1/8", "--rate", "many", "--token-subject", "a b");

        Assert.Equal((ExitCodes.Usage, ""), (outcome.ExitCode, outcome.Out));
        Assert.Collection(
            outcome.Error.TrimEnd().Split('\n'),
            line => Assert.StartsWith("relay: NAME: \"a b\" is not allowed; allowed is 1 to 254 printable ASCII characters", line),
            line => Assert.StartsWith("relay: --sender: \"*\" is not allowed; allowed is one address", line),
            line => Assert.StartsWith("relay: --network: \"10.0.0.1/8\" is not allowed; allowed is a network without host bits", line),
            line => Assert.StartsWith("relay: --rate: \"many\" is not allowed; allowed is a number in a time such as 600/1h", line),
            line => Assert.StartsWith("relay: --token-subject: \"a b\" is not allowed; allowed is the oid or appid", line));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task An_account_is_disabled_enabled_given_a_new_password_and_removed()
    {
        await AddAsync("App", "--sender", "example.com");

        Assert.Equal("Disabled the account App.\n", (await relay.RunAsync("account", "disable", "app")).Out);
        Assert.True((await FindAsync("app"))!.IsDisabled);
        Assert.Matches(@"\nApp +disabled ", (await relay.RunAsync("account", "list")).Out);

        Assert.Equal("Enabled the account App.\n", (await relay.RunAsync("account", "enable", "app")).Out);
        Assert.False((await FindAsync("app"))!.IsDisabled);

        var changed = await relay.RunAsync("account", "password", "app");
        Assert.StartsWith("Changed the password of App. Its password is shown only now:\n", changed.Out);
        var account = await FindAsync("app");
        Assert.True(account!.Password!.Verify(changed.Out.Split('\n')[1]));
        Assert.Equal(["example.com"], account.Senders);

        Assert.Equal("Removed the account App.\n", (await relay.RunAsync("account", "remove", "app")).Out);
        Assert.Equal($"There is no account in {Data}.\n", (await relay.RunAsync("account", "list")).Out);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("enable")]
    [InlineData("password")]
    [InlineData("remove")]
    public async Task A_name_that_is_not_there_exits_with_1(string command)
    {
        await AddAsync("app");

        var outcome = await relay.RunAsync("account", command, "apple");

        Assert.Equal((ExitCodes.Negative, ""), (outcome.ExitCode, outcome.Out));
        Assert.Equal($"relay: there is no account apple in {Data}: 'relay account list' shows those that there are", outcome.Error.TrimEnd());
    }

    [Theory]
    [InlineData("account list")]
    [InlineData("account disable app")]
    [InlineData("account password app")]
    [InlineData("account locks")]
    [InlineData("account unlock app")]
    [InlineData("explain d7m2k00001")]
    public async Task Where_there_are_no_accounts_one_line_says_so_and_nothing_is_made(string arguments)
    {
        var outcome = await relay.RunAsync(arguments.Split(' '));

        Assert.Equal((ExitCodes.Unreachable, ""), (outcome.ExitCode, outcome.Out));
        Assert.StartsWith($"relay: there are no accounts in {Data}: name the relay's data folder with --data", outcome.Error);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task The_locks_in_force_are_shown_and_lifted_by_name_or_address()
    {
        await AddAsync("app");
        var until = DateTimeOffset.UnixEpoch.AddYears(200);
        await UseAsync(async accounts =>
        {
            await accounts.LockAsync(new Lock(LockKind.Account, "app", 20, until), default);
            await accounts.LockAsync(new Lock(LockKind.Address, "192.0.2.7", 10, until), default);
            await accounts.LockAsync(new Lock(LockKind.Address, "2001:db8::/64", 11, until), default);
            await accounts.LockAsync(new Lock(LockKind.Address, "192.0.2.8", 10, DateTimeOffset.UnixEpoch), default);
        });

        var shown = await relay.RunAsync("account", "locks");
        var json = JsonDocument.Parse((await relay.RunAsync("account", "locks", "--json")).Out).RootElement;

        Assert.Equal(
            """
            LOCKED   WHO            FAILURES  UNTIL
            address  192.0.2.7      10        2170-01-01T00:00:00Z
            address  2001:db8::/64  11        2170-01-01T00:00:00Z
            account  app            20        2170-01-01T00:00:00Z

            """,
            shown.Out);
        Assert.Equal(3, json.GetProperty("locks").GetArrayLength());
        Assert.Equal("Lifted the lock on the account app.\n", (await relay.RunAsync("account", "unlock", "APP")).Out);
        Assert.Equal("Lifted the lock on the address 192.0.2.7.\n", (await relay.RunAsync("account", "unlock", "192.0.2.7")).Out);
        Assert.Equal("Lifted the lock on the address 2001:db8::/64.\n", (await relay.RunAsync("account", "unlock", "2001:DB8::7")).Out);
        Assert.Equal("Nobody is locked out.\n", (await relay.RunAsync("account", "locks")).Out);
        var again = await relay.RunAsync("account", "unlock", "192.0.2.8");
        Assert.Equal(ExitCodes.Negative, again.ExitCode);
        Assert.StartsWith($"relay: no lock on 192.0.2.8 is in force in {Data}: ", again.Error);
    }

    [Fact]
    public async Task A_session_is_explained_with_what_to_do()
    {
        var at = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        await UseAsync(accounts =>
        {
            accounts.Record(new SignIn { Session = "s1", At = at, Mechanism = "CRAM-MD5", Result = SignInResult.MechanismNotOffered });
            accounts.Record(new SignIn
            {
                Session = "s1",
                At = at.AddSeconds(1),
                Mechanism = "PLAIN",
                Account = "a\u001bpp",
                ClientAddress = "192.0.2.7",
                Result = SignInResult.WrongPassword,
                Detail = "the third within a minute",
            });
            return Task.CompletedTask;
        });

        var shown = await relay.RunAsync("explain", "s1");
        var json = JsonDocument.Parse((await relay.RunAsync("explain", "s1", "--json")).Out).RootElement;
        var unknown = await relay.RunAsync("explain", "s2");

        Assert.Equal(
            """
            verdict    mechanism-not-offered
            time       2026-11-23T12:00:00Z
            account    none was named
            client     its address is not known
            mechanism  CRAM-MD5
            to do      Let the client use a mechanism that the reply to EHLO lists.

            verdict    wrong-password
            time       2026-11-23T12:00:01Z
            account    a?pp
            client     192.0.2.7
            mechanism  PLAIN
            detail     the third within a minute
            to do      Give the client the right password; 'relay account password' sets a new one.

            """,
            shown.Out);
        Assert.Equal("wrong-password", json.GetProperty("signIns")[1].GetProperty("result").GetString());
        Assert.Equal((ExitCodes.Negative, ""), (unknown.ExitCode, unknown.Out));
        Assert.StartsWith($"relay: no attempt to sign in of session s2 is in {Data}: ", unknown.Error);
    }

    [Fact]
    public async Task All_of_it_works_beside_a_running_relay()
    {
        await using var serve = await RunningRelay.StartAsync(relay);
        using var http = new HttpClient { BaseAddress = new Uri(serve.Http) };

        await AddAsync("app");
        Assert.Contains("\napp ", (await relay.RunAsync("account", "list")).Out);
        await UseAsync(async accounts =>
        {
            accounts.Record(new SignIn { Session = "s1", At = DateTimeOffset.UnixEpoch, Mechanism = "PLAIN", Result = SignInResult.SignedIn });
            await accounts.LockAsync(new Lock(LockKind.Account, "app", 20, DateTimeOffset.UnixEpoch.AddYears(200)), default);
        });

        var explained = JsonDocument.Parse((await relay.RunAsync("explain", "s1", "--json")).Out).RootElement;
        Assert.Equal(explained.ToString(), JsonDocument.Parse(await http.GetStringAsync("/sessions/s1")).RootElement.ToString());
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync("/locks/account/app")).StatusCode);
        Assert.Equal("Nobody is locked out.\n", (await relay.RunAsync("account", "locks")).Out);
        Assert.Equal("Removed the account app.\n", (await relay.RunAsync("account", "remove", "app")).Out);
    }

    private async Task AddAsync(params string[] arguments)
    {
        var outcome = await relay.RunAsync(["account", "add", .. arguments]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    private async Task<Account?> FindAsync(string name)
    {
        await using var accounts = Open();
        return await accounts.FindAsync(name, default);
    }

    private async Task UseAsync(Func<IAccounts, Task> use)
    {
        await using var accounts = Open();
        await use(accounts);
    }

    private EmbeddedAccounts Open() => EmbeddedAccounts.Open(Data, TimeProvider.System, NullLogger.Instance);
}
