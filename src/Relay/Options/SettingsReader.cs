using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Relay.Options;

/// <summary>Reads declared settings and gathers every fault on the way, so that all are told at once.</summary>
/// <param name="configuration">All sources, the stronger over the weaker.</param>
/// <param name="origin">Where the value of a key comes from, for people.</param>
/// <param name="folder">What a path at a key is relative to.</param>
internal sealed class SettingsReader(IConfiguration configuration, Func<string, string> origin, Func<string, string> folder)
{
    private readonly List<ConfigurationFault> faults = [];

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyList<ConfigurationFault> Faults => faults;

    /// <summary>The value of a setting; its default when it is not given, or at fault.</summary>
    public T Read<T>(Setting<T> setting, int? item = null)
    {
        var key = setting.KeyOf(item);
        if (configuration[key] is not { } text)
        {
            return setting.Default;
        }

        if (setting.Kind.Parse(text.Trim(), out var value))
        {
            return value;
        }

        AddFault(setting, item, $"allowed is {setting.Allowed}");
        return setting.Default;
    }

    /// <summary>A path, as a full one; null when it is not given, or at fault.</summary>
    public string? FilePath(Setting<string?> setting, int? item = null) =>
        Read(setting, item) is { } path ? Path.GetFullPath(path, folder(setting.KeyOf(item))) : null;

    /// <summary>A path that has a default, as a full one.</summary>
    public string FullPath(Setting<string> setting, int? item = null) => Path.GetFullPath(Read(setting, item), folder(setting.KeyOf(item)));

    /// <summary>The values of a list; its default when it is not given, or at fault.</summary>
    public IReadOnlyList<T> Read<T>(ListSetting<T> setting, int? item = null)
    {
        var key = setting.KeyOf(item);
        if (!IsGiven(setting, item))
        {
            return setting.Default;
        }

        // An empty JSON array arrives as one empty value.
        if (configuration[key] is { Length: > 0 } || (configuration[key] is not null && !setting.MayBeEmpty && Items(key).Count == 0))
        {
            AddFault(setting, item, $"allowed is {setting.Allowed}");
            return setting.Default;
        }

        var values = new List<T>();
        foreach (var number in Items(key))
        {
            var itemKey = $"{key}:{number}";
            if (setting.Kind.Parse((configuration[itemKey] ?? "").Trim(), out var value))
            {
                values.Add(value);
            }
            else
            {
                AddFault(itemKey, Setting.EnvironmentVariable(itemKey), $"allowed is {setting.Kind.Allowed}");
            }
        }

        return values;
    }

    /// <summary>What the configuration says of a key; empty when nothing.</summary>
    public string Text(Setting setting, int? item = null) => (configuration[setting.KeyOf(item)] ?? "").Trim();

    /// <summary>True when the configuration says anything of this key, be it wrong.</summary>
    public bool IsGiven(Setting setting, int? item = null) => configuration.GetSection(setting.KeyOf(item)).Exists();

    /// <summary>False where a key of which only what is below it can have a value has one itself; that is told as a fault already.</summary>
    public bool IsGroup(string key) => string.IsNullOrEmpty(configuration[key]);

    /// <summary>The numbers of the items of a list, in order.</summary>
    public IReadOnlyList<int> Items(string key)
    {
        var numbers = new List<int>();
        foreach (var child in configuration.GetSection(key).GetChildren())
        {
            if (int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }

    /// <summary>Notes a fault of a declared key.</summary>
    public void AddFault(Setting setting, int? item, string problem) =>
        AddFault(setting.KeyOf(item), setting.VariableOf(item), problem, setting.IsSecret);

    /// <summary>Notes a fault when a group of keys is given as an empty list.</summary>
    public void RefuseEmpty(string key, string problem)
    {
        // An empty JSON array arrives as one empty value.
        if (configuration[key] is { Length: 0 })
        {
            AddFault(key, Setting.EnvironmentVariable(key), problem);
        }
    }

    /// <summary>Notes every key that nobody declared.</summary>
    public void FindUnknownKeys(KnownKeys known) => FindUnknownKeys(configuration.GetChildren(), known);

    private void FindUnknownKeys(IEnumerable<IConfigurationSection> sections, KnownKeys known)
    {
        foreach (var section in sections)
        {
            if (known.Find(section.Key) is not { } found)
            {
                var hint = known.Nearest(section.Path, section.Key) is { } nearest ? $"; did you mean {nearest}?" : "";
                faults.Add(new ConfigurationFault(section.Path, section.Value, $"there is no such key{hint}", OriginOf(section)));
            }
            else if (found.IsGroup && section.Value is { Length: > 0 })
            {
                faults.Add(new ConfigurationFault(
                    section.Path, section.Value, $"allowed is not a value but the keys {found.Names}", OriginOf(section.Path)));
            }
            else
            {
                FindUnknownKeys(section.GetChildren(), found);
            }
        }
    }

    private void AddFault(string key, string variable, string problem, bool isSecret = false) =>
        faults.Add(new ConfigurationFault(key, isSecret && configuration[key] is not null ? "***" : configuration[key], problem, OriginOf(key), variable));

    private string OriginOf(string key) => configuration[key] is null ? "" : origin(key);

    /// <summary>An unknown group has no value of its own: what is below it tells where it stands.</summary>
    private string OriginOf(IConfigurationSection section)
    {
        while (section.Value is null && section.GetChildren().FirstOrDefault() is { } child)
        {
            section = child;
        }

        return origin(section.Path);
    }
}
