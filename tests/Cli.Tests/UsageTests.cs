namespace Relay.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private const string SomeId = "019a2b3c4d5e7f8091a2b3c4d5e6f708";

    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Theory]
    [InlineData("fly", "'fly'")]
    [InlineData("list --stat queued", "'--stat'")]
    [InlineData("status", "status")]
    [InlineData("status 42", "'42' is not a message id: it has 32 hexadecimal digits")]
    [InlineData("explain user@", "'user@' is not a mail address")]
    [InlineData("explain @example.com", "'@example.com' is not a mail address")]
    [InlineData("explain s1 --from a@example.com", "--from is of mail, and 's1' is no mail address")]
    [InlineData("explain a@example.com --from b", "--from: 'b' is not a mail address")]
    [InlineData("explain a@example.com --size huge", "--size: 'huge' is not a number of octets")]
    [InlineData("explain a@example.com --header Subject", "--header: 'Subject' is not a field")]
    [InlineData("content xyz", "'xyz' is not a message id")]
    [InlineData("list --state lost", "--state: \"lost\" is not allowed; allowed is one of queued, deferred")]
    [InlineData("list --limit 0", "--limit: \"0\" is not allowed; allowed is a whole number from 1 to 1000")]
    [InlineData("list --since tomorrow", "--since: \"tomorrow\" is not allowed; allowed is a time such as")]
    [InlineData("send m.eml --to b@example.net", "--from")]
    [InlineData("send m.eml --from a --to b@example.net", "--from: 'a' is not a mail address")]
    [InlineData("send m.eml --from a@example.com --to <>", "--to: '<>' is not a mail address")]
    [InlineData("send m.eml --from a@example.com --to b@example.net --server ::1", "--server: '::1' is not a host")]
    [InlineData("send m.eml --from a@example.com --to b@example.net", "name it with --server")]
    [InlineData("send gone.eml --from a@example.com --to b@example.net --server 127.0.0.1:1", "cannot read gone.eml")]
    [InlineData("list --config gone.json", "gone.json: cannot be read")]
    [InlineData("account", "Required command was not provided")]
    [InlineData("account add", "add")]
    public async Task Wrong_usage_is_told_on_the_error_output_and_exits_with_2(string arguments, string problem)
    {
        var outcome = await relay.RunAsync(arguments.Split(' '));

        Assert.Equal(ExitCodes.Usage, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.StartsWith("relay: ", outcome.Error);
        Assert.Contains(problem, outcome.Error);
    }

    [Fact]
    public async Task All_faults_of_a_configuration_are_told_each_on_a_line()
    {
        relay.Environment["Relay__HostName"] = "not a name";
        relay.Environment["Relay__Smtp__Speed"] = "high";

        var outcome = await relay.RunAsync("serve");

        Assert.Equal(ExitCodes.Usage, outcome.ExitCode);
        Assert.Collection(
            outcome.Error.TrimEnd().Split(Environment.NewLine),
            line => Assert.StartsWith("relay: configuration: HostName = \"not a name\" in Relay__HostName: allowed is", line),
            line => Assert.StartsWith("relay: configuration: Smtp:Speed = \"high\" in Relay__Smtp__Speed: there is no such key", line));
    }

    [Theory]
    [InlineData("status " + SomeId)]
    [InlineData("content " + SomeId)]
    [InlineData("list")]
    public async Task Where_there_is_no_spool_one_line_says_so_and_the_exit_code_is_3(string arguments)
    {
        var outcome = await relay.RunAsync(arguments.Split(' '));

        Assert.Equal(ExitCodes.Unreachable, outcome.ExitCode);
        Assert.Equal($"relay: there is no spool in {Path.Combine(relay.Folder, ".relay")}: name the relay's data folder with --data", outcome.Error.TrimEnd());
        Assert.False(Directory.Exists(Path.Combine(relay.Folder, ".relay")));
    }

    [Fact]
    public async Task A_fault_of_our_own_is_one_line_and_70_and_shows_its_stack_only_when_asked()
    {
        relay.Input = () => throw new InvalidOperationException("a bug");
        string[] send = ["send", "-", "--from", "a@example.com", "--to", "b@example.net", "--server", "127.0.0.1:1"];

        var quiet = await relay.RunAsync(send);
        var verbose = await relay.RunAsync([.. send, "--verbose"]);

        Assert.Equal(ExitCodes.Internal, quiet.ExitCode);
        Assert.Equal("relay: unexpected: a bug (InvalidOperationException; --verbose shows where)", quiet.Error.TrimEnd());
        Assert.Equal(ExitCodes.Internal, verbose.ExitCode);
        Assert.Contains("   at Relay.Cli.Send.SendCommand", verbose.Error);
    }
}
