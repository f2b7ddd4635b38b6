using System.CommandLine;
using System.Text.RegularExpressions;

namespace Relay.Cli.Tests;

public sealed partial class HelpTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Theory]
    [InlineData("serve")]
    [InlineData("status")]
    [InlineData("list")]
    [InlineData("content")]
    [InlineData("queue")]
    [InlineData("hold")]
    [InlineData("send")]
    [InlineData("account")]
    [InlineData("account add")]
    [InlineData("account password")]
    [InlineData("explain")]
    [InlineData("check")]
    [InlineData("check spf")]
    [InlineData("check message")]
    [InlineData("domain")]
    [InlineData("domain dkim")]
    [InlineData("domain add")]
    [InlineData("domain list")]
    [InlineData("alias")]
    [InlineData("alias add")]
    [InlineData("suppression")]
    [InlineData("suppression add")]
    [InlineData("suppression list")]
    [InlineData("check domain")]
    public async Task The_help_of_a_command_says_what_it_is_for_with_examples_and_exit_codes(string command)
    {
        var help = await relay.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, help.ExitCode);
        Assert.Empty(help.Error);
        Assert.Contains($"relay {command}", help.Out[help.Out.IndexOf("Examples:", StringComparison.Ordinal)..]);
        Assert.All(ExitCodes.Meanings, meaning => Assert.Contains($"  {meaning.Code,-4}{meaning.Meaning}", help.Out));
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown_and_it_counts_as_wrong_usage()
    {
        var help = await relay.RunAsync();

        Assert.Equal(ExitCodes.Usage, help.ExitCode);
        Assert.Contains("Examples:", help.Out);
    }

    [Fact]
    public void The_document_lists_exactly_the_commands_and_exit_codes_that_there_are()
    {
        var document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "cli.md"));

        var codes = CodeRow().Matches(document).Select(row => (int.Parse(row.Groups[1].Value), row.Groups[2].Value));
        var commands = CommandRow().Matches(document).Select(row => row.Groups[1].Value);

        Assert.Equal(ExitCodes.Meanings, codes);
        Assert.Equal(Leaves(RelayCommand.Create(new GlobalOptions(), Surroundings.OfProcess()), ""), commands);
    }

    /// <summary>The commands that do something, each with the path to it.</summary>
    private static IEnumerable<string> Leaves(Command parent, string path) => parent.Subcommands.SelectMany(command =>
        command.Subcommands.Count == 0 ? [path + command.Name] : Leaves(command, $"{path}{command.Name} "));

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside the repository");
        }

        return folder;
    }

    [GeneratedRegex(@"^\| (\d+) \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex(@"^\| `relay ([a-z-]+(?: [a-z]+)*)", RegexOptions.Multiline)]
    private static partial Regex CommandRow();
}
