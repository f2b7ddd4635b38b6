using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Options;

/// <summary>What reading the configuration gave: either options, or every fault that it has.</summary>
/// <param name="Options">Null when there are faults.</param>
/// <param name="Faults">Empty when there are options.</param>
/// <param name="File">The full path of the file that was read; null when there was none.</param>
public sealed record OptionsResult(RelayOptions? Options, IReadOnlyList<ConfigurationFault> Faults, string? File)
{
    /// <summary>True when there are options.</summary>
    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsValid => Options is not null;
}

/// <summary>One fault of a configuration.</summary>
/// <param name="Key">The key, such as <c>Smtp:Listeners:0</c>; empty where the whole file is at fault.</param>
/// <param name="Value">What was given; null where nothing was.</param>
/// <param name="Problem">What is wrong, or what is allowed, in words.</param>
/// <param name="Origin">Where the value stands: a file, an environment variable, an option of the command line; empty where nothing was given.</param>
/// <param name="Variable">The environment variable that sets the key; null where there is none, as for an unknown key.</param>
public sealed record ConfigurationFault(string Key, string? Value, string Problem, string Origin, string? Variable = null)
{
    private const int LongestShown = 80;

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        if (Key.Length == 0)
        {
            return $"{Origin}: {Problem}";
        }

        var line = new StringBuilder(Key);
        if (Value is not null)
        {
            line.Append(" = \"").Append(Shown(Value)).Append('"');
        }

        if (Origin.Length > 0)
        {
            line.Append(" in ").Append(Origin);
        }

        line.Append(": ").Append(Problem);
        if (Variable is not null && Variable != Origin)
        {
            line.Append(" (environment variable ").Append(Variable).Append(')');
        }

        return line.ToString();
    }

    private static string Shown(string value)
    {
        var shown = value.Length > LongestShown ? value[..LongestShown] + "…" : value;
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }
}
