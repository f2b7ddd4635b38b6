namespace Relay.Options;

/// <summary>The declaration of one key of the configuration.</summary>
/// <param name="Key">Segments between colons; <c>*</c> stands for the number of a list item.</param>
/// <param name="Allowed">Completes "allowed is …".</param>
/// <param name="DefaultText">What holds when the key is not given, as <c>docs/configuration.md</c> shows it.</param>
internal abstract record Setting(string Key, string Allowed, string DefaultText)
{
    /// <summary>True when the values are numbered below the key.</summary>
    public abstract bool IsList { get; }

    /// <summary>True when a fault must not show what was given.</summary>
    public virtual bool IsSecret => false;

    /// <summary>Stands before every environment variable that is meant for Relay.</summary>
    public const string EnvironmentPrefix = "Relay__";

    /// <summary>The environment variable of a key.</summary>
    public static string EnvironmentVariable(string key) => EnvironmentPrefix + key.Replace(":", "__");

    /// <summary>The environment variable of this setting; of a list, that of its first value.</summary>
    public string VariableOf(int? item = null) => EnvironmentVariable(KeyOf(item)) + (IsList ? "__0" : "");

    /// <summary>The key of one item of the list that this setting belongs to.</summary>
    public string KeyOf(int? item) => item is { } number ? Key.Replace("*", $"{number}") : Key;
}

/// <summary>A key with one value.</summary>
internal sealed record Setting<T>(string Key, ValueKind<T> Kind, T Default, string DefaultText)
    : Setting(Key, Kind.Allowed, DefaultText)
{
    /// <inheritdoc/>
    public override bool IsList => false;

    /// <inheritdoc/>
    public override bool IsSecret => Kind.IsSecret;
}

/// <summary>A key with a list of values. A list that is given takes the place of the whole default.</summary>
internal sealed record ListSetting<T>(string Key, ValueKind<T> Kind, IReadOnlyList<T> Default, bool MayBeEmpty)
    : Setting(Key,
        MayBeEmpty ? $"a list, each {Kind.Allowed}" : $"a list of at least one, each {Kind.Allowed}",
        Default.Count == 0 ? "none" : string.Join(", ", Default.Select(Kind.Format)))
{
    /// <inheritdoc/>
    public override bool IsList => true;
}
