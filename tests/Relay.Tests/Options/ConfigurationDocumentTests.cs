using System.Reflection;
using System.Text.RegularExpressions;
using Relay.Addresses;
using Relay.Checks;
using Relay.Options;
using Relay.Routing;

namespace Relay.Tests.Options;

/// <summary>Holds <c>docs/configuration.md</c> and <see cref="RelayOptions"/> against the declared keys.</summary>
public sealed partial class ConfigurationDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "configuration.md"));

    [Fact]
    public void The_document_lists_exactly_the_declared_keys_with_variable_default_and_what_is_allowed()
    {
        var documented = Rows().Select(cells => string.Join(" | ", cells.Take(4)));
        var declared = Settings.All.Select(setting =>
            $"`{setting.Key}` | `{setting.VariableOf()}` | {setting.DefaultText} | {setting.Allowed}");

        Assert.Equal(declared, documented);
    }

    [Fact]
    public void Every_key_has_a_meaning() => Assert.All(Rows(), cells => Assert.NotEmpty(cells[4]));

    [Fact]
    public void Every_option_has_a_key_and_every_key_an_option()
    {
        var options = Keys(typeof(RelayOptions), "").Distinct().Order();

        Assert.Equal(options, Settings.All.Select(setting => setting.Key).Order());
    }

    [Fact]
    public void Every_example_is_a_valid_configuration()
    {
        var examples = Example().Matches(Document);
        Assert.True(examples.Count >= 4);

        Assert.All(examples, example =>
        {
            using var folder = new ConfigurationFolder();
            folder.WriteConfiguration(example.Groups[1].Value);
            folder.LoadValid();
        });
    }

    private static List<string[]> Rows() => Document.Split('\n')
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | "))
        .ToList();

    private static IEnumerable<string> Keys(Type type, string prefix)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = prefix + property.Name;
            if (ItemType(property.PropertyType) is { } item)
            {
                // What a shard is belongs to Azure alone, which the key says.
                foreach (var below in Keys(item, item == typeof(ShardOptions) ? $"Azure:{key}:*:" : $"{key}:*:"))
                {
                    yield return below;
                }
            }
            else if (property.PropertyType == typeof(CheckModes))
            {
                // A mode for each check: those of the estate stand beside its other keys of checks.
                var above = key == "Checks:Modes" ? prefix : $"{key}:";
                foreach (var check in Enum.GetNames<CheckName>())
                {
                    yield return above + check;
                }
            }
            else if (property.DeclaringType == typeof(Route) && property.PropertyType is { IsClass: true } kind && kind.Namespace == typeof(Route).Namespace)
            {
                // What only one kind of route has stands beside what all have.
                foreach (var below in Keys(kind, prefix))
                {
                    yield return below;
                }
            }
            else if (property.PropertyType is { IsClass: true } group && group.Namespace == typeof(RelayOptions).Namespace)
            {
                foreach (var below in Keys(property.PropertyType, $"{key}:"))
                {
                    yield return below;
                }
            }
            else
            {
                yield return key;
            }
        }
    }

    /// <summary>The type of the items of a list that have keys of their own; null for all else.</summary>
    private static Type? ItemType(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [{ IsClass: true } item] && item.Name.EndsWith("Options", StringComparison.Ordinal) ||
        type == typeof(IReadOnlyList<Route>) || type == typeof(IReadOnlyList<Alias>)
            ? type.GetGenericArguments()[0]
            : null;

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside the repository");
        }

        return folder;
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
