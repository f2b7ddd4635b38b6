using System.Text.Json;
using Relay.Addresses.Embedded;
using Relay.Mail;

namespace Relay.Cli.Tests;

/// <summary>Domains, aliases and suppressions by their commands.</summary>
public sealed class AddressTests : IDisposable
{
    private readonly CommandLine relay = new();

    private string Data => Path.Combine(relay.Folder, ".relay");

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task Domains_are_added_listed_with_those_of_the_configuration_and_removed()
    {
        relay.Environment["Relay__Domains__0__Name"] = "Configured.example";
        relay.Environment["Relay__Domains__0__Recipients__0"] = "info";

        Assert.Equal(
            (0, "example.com is a domain of ours: mail to everybody there is taken from everybody.\n"), await OutAsync("domain", "add", "Example.COM"));
        Assert.Equal(
            (0, "*.example.net is a domain of ours: mail to anna, ben there is taken from everybody.\n"),
            await OutAsync("domain", "add", "*.example.net", "--recipients", "anna, ben"));

        var (_, list) = await OutAsync("domain", "list");
        Assert.Matches(
            @"^DOMAIN +RECIPIENTS +FROM\nConfigured\.example +info +configuration\n\*\.example\.net +anna, ben +added\nexample\.com +everybody +added\n$", list);
        var json = JsonDocument.Parse((await OutAsync("domain", "list", "--json")).Out).RootElement.GetProperty("domains");
        Assert.Equal(
            ["Configured.example configuration", "*.example.net added", "example.com added"],
            json.EnumerateArray().Select(d => $"{d.GetProperty("name").GetString()} {d.GetProperty("source").GetString()}"));

        Assert.Equal((0, "Removed the domain EXAMPLE.com.\n"), await OutAsync("domain", "remove", "EXAMPLE.com"));
        Assert.Equal(2, JsonDocument.Parse((await OutAsync("domain", "list", "--json")).Out).RootElement.GetProperty("domains").GetArrayLength());
    }

    [Fact]
    public async Task A_domain_of_the_configuration_can_be_changed_only_there()
    {
        relay.Environment["Relay__Domains__0__Name"] = "b\u00fccher.example";

        await AssertFailsAsync(ExitCodes.Negative, "b\u00fccher.example stands in the configuration: change it there, at Domains", "domain", "add", "xn--bcher-kva.example");
        await AssertFailsAsync(ExitCodes.Negative, "b\u00fccher.example stands in the configuration: remove it there, at Domains", "domain", "remove", "B\u00fccher.example");
    }

    [Fact]
    public async Task Without_a_book_the_domains_of_the_configuration_are_listed_and_nothing_is_made()
    {
        Assert.Equal((0, $"No domain is ours in {Data}: mail is taken only from those who may relay.\n"), await OutAsync("domain", "list"));
        relay.Environment["Relay__Domains__0__Name"] = "example.com";

        Assert.Contains("example.com", (await OutAsync("domain", "list")).Out);

        Assert.False(Directory.Exists(Data));
    }

    [Theory]
    [InlineData("NAME: \"no domain\" is not allowed; allowed is a domain (example.com), or *.domain (below it, not itself)", "domain", "add", "no domain")]
    [InlineData("--recipients: \"a@b\" is not allowed; allowed is * (all), or what stands before the @ (info)", "domain", "add", "example.com", "--recipients", "info,a@b")]
    [InlineData("ADDRESS: \"info\" is not allowed; allowed is one address (user@example.com), or @example.com for everybody there who is no alias", "alias", "add", "info", "a@example.org")]
    [InlineData("TARGET: \"anna\" is not allowed; allowed is one address (user@example.com), or @example.com, which keeps what stands before the @", "alias", "add", "info@example.com", "anna")]
    [InlineData("TARGET: it would lead to nobody but itself; name at least one target that is not info@example.com", "alias", "add", "info@example.com", "INFO@example.com")]
    [InlineData("ADDRESS: \"@example.com\" is not allowed; allowed is one address (user@example.com)", "suppression", "add", "@example.com")]
    [InlineData("--for: \"soon\" is not allowed; allowed is a time such as 500ms, 30s, 5m, 4h, 5d or hh:mm:ss, from 1s to 3650d", "suppression", "add", "a@example.com", "--for", "soon")]
    public async Task What_is_wrong_is_told_with_what_is_allowed_and_nothing_is_made(string problem, params string[] args)
    {
        await AssertFailsAsync(ExitCodes.Usage, problem, args);

        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Aliases_are_added_listed_page_by_page_with_those_of_the_configuration_and_removed()
    {
        relay.Environment["Relay__Aliases__0__Address"] = "hello@example.com";
        relay.Environment["Relay__Aliases__0__Targets__0"] = "info@example.com";

        Assert.Equal(
            (0, "Mail to info@example.com goes to Anna@example.org, @other.example.\n"),
            await OutAsync("alias", "add", "Info@Example.com", "Anna@example.org", "@other.example"));
        Assert.Equal((0, "Mail to @old.example goes to @example.com.\n"), await OutAsync("alias", "add", "@old.example", "@example.com"));

        Assert.Matches(
            @"^ALIAS +GOES TO +FROM\n@old\.example +@example\.com +added\nhello@example\.com +info@example\.com +configuration\nThere are more: --after hello@example\.com\n$",
            (await OutAsync("alias", "list", "--limit", "2")).Out);
        var json = JsonDocument.Parse((await OutAsync("alias", "list", "--after", "hello@example.com", "--json")).Out).RootElement;
        var alias = Assert.Single(json.GetProperty("aliases").EnumerateArray());
        Assert.Equal("info@example.com added", $"{alias.GetProperty("address").GetString()} {alias.GetProperty("source").GetString()}");
        Assert.Equal(["Anna@example.org", "@other.example"], alias.GetProperty("targets").EnumerateArray().Select(t => t.GetString()));
        Assert.False(json.TryGetProperty("next", out _));

        Assert.Equal((0, "Removed the alias INFO@example.com.\n"), await OutAsync("alias", "remove", "INFO@example.com"));
        await AssertFailsAsync(
            ExitCodes.Negative, $"there is no alias info@example.com in {Data}: 'relay alias list' shows those that there are", "alias", "remove", "info@example.com");
        await AssertFailsAsync(
            ExitCodes.Negative, "hello@example.com stands in the configuration: remove it there, at Aliases", "alias", "remove", "Hello@example.com");
    }

    [Fact]
    public async Task Suppressions_are_added_listed_page_by_page_and_removed()
    {
        Assert.Equal((0, "No mail is sent to b@example.com until it is removed.\n"), await OutAsync("suppression", "add", "B@Example.com"));
        var (_, until) = await OutAsync("suppression", "add", "a@example.com", "--reason", "asked for it", "--for", "30d");
        Assert.Matches(@"^No mail is sent to a@example\.com until \S+Z\.\n$", until);

        Assert.Matches(
            @"^ADDRESS +SINCE +UNTIL +WHY\na@example\.com +\S+Z +\S+Z +asked for it\nb@example\.com +\S+Z +for ever +added by hand\n$",
            (await OutAsync("suppression", "list")).Out);
        var first = JsonDocument.Parse((await OutAsync("suppression", "list", "--limit", "1", "--json")).Out).RootElement;
        Assert.Equal("a@example.com", first.GetProperty("next").GetString());
        var entry = Assert.Single(first.GetProperty("suppressions").EnumerateArray());
        Assert.Equal(TimeSpan.FromDays(30), entry.GetProperty("expiresAt").GetDateTimeOffset() - entry.GetProperty("addedAt").GetDateTimeOffset());
        Assert.Equal(["address", "reason", "addedAt", "expiresAt"], entry.EnumerateObject().Select(property => property.Name));

        Assert.Equal((0, "Mail to A@example.com is sent again.\n"), await OutAsync("suppression", "remove", "A@example.com"));
        await AssertFailsAsync(
            ExitCodes.Negative, $"a@example.com is not on the suppression list in {Data}: 'relay suppression list' shows those that are",
            "suppression", "remove", "a@example.com");
    }

    [Theory]
    [InlineData("suppression", "list")]
    [InlineData("suppression", "remove", "a@example.com")]
    public async Task A_folder_without_a_book_is_most_likely_the_wrong_one(params string[] args) => await AssertFailsAsync(
        ExitCodes.Unreachable, $"there is no address book in {Data}: name the relay's data folder with --data, or run the relay there once", args);

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    public async Task A_page_has_its_bounds(string limit)
    {
        var refused = await relay.RunAsync("suppression", "list", "--limit", limit);

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("--limit: allowed is 1 to 1000", refused.Error);
    }

    [Fact]
    public async Task What_a_command_adds_is_the_book_of_the_relay()
    {
        await using var serve = await RunningRelay.StartAsync(relay);

        await OutAsync("suppression", "add", "a@example.com");

        await using var book = EmbeddedAddressBook.Open(Data, TimeProvider.System);
        Assert.NotNull(book.FindSuppression(new Mailbox("a", "example.com")));
    }

    private async Task<(int ExitCode, string Out)> OutAsync(params string[] args)
    {
        var outcome = await relay.RunAsync(args);
        Assert.Equal("", outcome.Error);
        return (outcome.ExitCode, outcome.Out);
    }

    private async Task AssertFailsAsync(int exitCode, string problem, params string[] args)
    {
        var outcome = await relay.RunAsync(args);
        Assert.Equal((exitCode, "", $"relay: {problem}\n"), (outcome.ExitCode, outcome.Out, outcome.Error.ReplaceLineEndings("\n")));
    }
}
