using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Relay.Accounts;
using Relay.Checks;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Tests.Docs;

/// <summary>The documents say what the code does: each table is held against the code in both directions.</summary>
public sealed partial class DocsTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void Flow_lists_every_reason_code()
    {
        var inCode = Constants(typeof(Reasons)).Select(f => (string)f.GetRawConstantValue()!);
        var inDocument = Rows("flow.md", "## Reason codes").Select(cells => cells[0].Trim('`'));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Checks_lists_every_reason_code()
    {
        var inCode = Constants(typeof(CheckReasons)).Select(f => (string)f.GetRawConstantValue()!);
        var inDocument = Rows("checks.md", "## Reason codes").Select(cells => cells[0].Trim('`'));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Flow_lists_every_verdict_and_what_to_do_about_it()
    {
        var inCode = Enum.GetValues<SignInResult>().Select(result => $"{result.Word()}: {SignInAdvice.On(result)}");
        var inDocument = Rows("flow.md", "## Verdicts of signing in").Select(cells => $"{cells[0].Trim('`')}: {cells[2]}");

        Assert.Equal(inCode, inDocument);
    }

    [Fact]
    public void Verdicts_have_the_same_words_in_json_and_in_text() =>
        Assert.All(Enum.GetValues<SignInResult>(), result => Assert.Equal(
            $"\"{result.Word()}\"", System.Text.Json.JsonSerializer.Serialize(result)));

    [Fact]
    public void Telemetry_lists_every_log_event()
    {
        var inCode = Constants(typeof(EventIds)).Select(f => $"{f.GetRawConstantValue()} {f.Name}");
        var inDocument = Rows("telemetry.md", "## Log events").Select(cells => $"{cells[0]} {cells[1]}");

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Every_log_event_is_written_at_the_level_that_telemetry_says()
    {
        var inCode = Sources().SelectMany(s => LogEvent().Matches(File.ReadAllText(s)))
            .Select(m => $"{m.Groups["name"].Value} {m.Groups["level"].Value.ToLowerInvariant()}").Distinct();
        var inDocument = Rows("telemetry.md", "## Log events").Select(cells => $"{cells[1]} {cells[2]}");

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Telemetry_lists_every_metric()
    {
        var inCode = typeof(RelayTelemetry).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(p => p.GetValue(null)).OfType<System.Diagnostics.Metrics.Instrument>().Select(i => i.Name);
        var inDocument = Rows("telemetry.md", "## Metrics").Select(cells => cells[0].Trim('`'));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Telemetry_lists_every_span()
    {
        var inCode = Constants(typeof(RelayTelemetry)).Where(f => f.Name.EndsWith("Span", StringComparison.Ordinal))
            .Select(f => (string)f.GetRawConstantValue()!);
        var inDocument = Rows("telemetry.md", "## Spans").Select(cells => cells[0].Trim('`'));

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Fact]
    public void Limits_have_the_values_of_the_code()
    {
        foreach (var cells in Rows("limits.md", "# Limits"))
        {
            var source = Sources().FirstOrDefault(s => Path.GetFileName(s) == cells[2].Split('.')[0].Trim('`') + ".cs");
            Assert.True(source is not null, $"limits.md names {cells[2]}, and there is no such file");
            var name = cells[2].Trim('`').Split('.')[1];
            var declared = Regex.Match(File.ReadAllText(source), $@"\b{name}\b[^=;]*=>?\s*(?<value>[^;]+);");
            Assert.True(declared.Success, $"limits.md names {cells[2]}, and there is no such member");
            Assert.Equal(Normal(declared.Groups["value"].Value), Normal(cells[1]));
        }
    }

    [Fact]
    public void Limits_lists_every_limit_of_the_code()
    {
        var listed = Rows("limits.md", "# Limits").Select(cells => cells[2].Trim('`')).ToHashSet();
        var inCode =
            from source in Sources()
            from Match match in LimitDeclaration().Matches(File.ReadAllText(source))
            select $"{Path.GetFileNameWithoutExtension(source)}.{match.Groups["name"].Value}";

        Assert.All(inCode, limit => Assert.True(listed.Contains(limit), $"limits.md lacks {limit}"));
    }

    [Fact]
    public void The_rfc_index_names_files_that_exist_and_a_state_for_each()
    {
        Assert.All(Rows("rfc-index.md", "# RFC index"), cells =>
        {
            Assert.Matches("^(Yes|Partial|No)$", cells[2]);
            foreach (var file in cells[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var path = Path.Combine(Root, "src", file.Trim('`'));
                Assert.True(File.Exists(path) || Directory.Exists(path), $"rfc-index.md names {file} for RFC {cells[0]}, which is not there");
            }
        });
    }

    [Fact]
    public void Every_rfc_that_the_code_cites_stands_in_the_index()
    {
        var listed = Rows("rfc-index.md", "# RFC index").Select(cells => cells[0]).ToHashSet();
        var cited = Sources().SelectMany(s => RfcCitation().Matches(File.ReadAllText(s))).Select(m => m.Groups["number"].Value).Distinct();

        Assert.All(cited, number => Assert.True(listed.Contains(number), $"rfc-index.md lacks RFC {number}"));
    }

    [Fact]
    public void No_source_file_is_longer_than_500_lines() =>
        Assert.All(Sources(), s => Assert.True(File.ReadLines(s).Count() <= 500, $"{s} is too long"));

    private static IEnumerable<FieldInfo> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral);

    /// <summary>The cells of the first table after a heading, without its two head lines.</summary>
    private static List<string[]> Rows(string document, string heading)
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "docs", document));
        var start = Array.IndexOf(lines, heading);
        Assert.True(start >= 0, $"{document} has no heading '{heading}'");
        var rows = lines.Skip(start).SkipWhile(l => !l.StartsWith('|')).TakeWhile(l => l.StartsWith('|')).Skip(2)
            .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(rows);
        return rows;
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    /// <summary>"64 * 1024" in code is "65,536" in a document; "TimeSpan.FromMinutes(5)" is "5 minutes".</summary>
    private static string Normal(string value)
    {
        var span = SpanValue().Match(value);
        if (span.Success)
        {
            return $"{span.Groups["n"].Value} {span.Groups["unit"].Value.ToLowerInvariant()}";
        }

        var factors = value.Replace(",", "").Replace("_", "").Split('*', StringSplitOptions.TrimEntries);
        return factors.All(f => long.TryParse(f, out _))
            ? factors.Aggregate(1L, (product, f) => product * long.Parse(f, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)
            : value.Trim();
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Relay.sln");
        }

        return folder;
    }

    [GeneratedRegex(@"\bRFC (?<number>\d{3,5})\b")]
    private static partial Regex RfcCitation();

    [GeneratedRegex(@"\[LoggerMessage\(EventIds\.(?<name>\w+), LogLevel\.(?<level>\w+)")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"(?:const (?:int|long)|static readonly TimeSpan|static TimeSpan) (?<name>Max\w+|\w+Limit|\w+Timeout)\b")]
    private static partial Regex LimitDeclaration();

    [GeneratedRegex(@"TimeSpan\.From(?<unit>\w+)\((?<n>\d+)\)")]
    private static partial Regex SpanValue();
}
