using System.CommandLine;
using Relay.Status;

namespace Relay.Cli.Addresses;

/// <summary>Which part of a long list is shown.</summary>
internal sealed class PageOptions
{
    private const int DefaultLimit = 100;

    private readonly Option<string?> after = new("--after")
    {
        HelpName = "ADDRESS",
        Description = "Begin behind this address, with which the part before ended",
    };

    private readonly Option<int> limit = new("--limit")
    {
        HelpName = "NUMBER",
        Description = $"How many are shown, 1 to {StatusQuery.MaxLimit}",
        DefaultValueFactory = _ => DefaultLimit,
    };

    public PageOptions() => limit.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 1 or > StatusQuery.MaxLimit)
        {
            result.AddError($"--limit: allowed is 1 to {StatusQuery.MaxLimit}");
        }
    });

    public void AddTo(Command command)
    {
        command.Options.Add(after);
        command.Options.Add(limit);
    }

    public (string? After, int Limit) Of(ParseResult parsed) => (parsed.GetValue(after), parsed.GetValue(limit));

    /// <summary>Says that there is more, and how to see it.</summary>
    public static void TellNext(TextWriter output, string? next)
    {
        if (next is not null)
        {
            output.WriteLine($"There are more: --after {next}");
        }
    }
}
