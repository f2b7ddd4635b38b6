using System.Text.Json.Serialization;

namespace Relay.Checks;

/// <summary>The most that each check may do. Two are equal when they say the same.</summary>
[JsonConverter(typeof(CheckModesJson))]
public sealed class CheckModes : IEquatable<CheckModes>
{
    private readonly CheckAction[] modes = new CheckAction[Enum.GetValues<CheckName>().Length];

    /// <summary>No check runs.</summary>
    public static CheckModes Off { get; } = new();

    /// <summary>What holds where the configuration says nothing: lists refuse, a header that is no header is refused, all else is told in the header.</summary>
    public static CheckModes Default { get; } = Off
        .With(CheckName.Lists, CheckAction.Reject)
        .With(CheckName.Helo, CheckAction.Tag)
        .With(CheckName.ReverseDns, CheckAction.Tag)
        .With(CheckName.DnsLists, CheckAction.Reject)
        .With(CheckName.Spf, CheckAction.Tag)
        .With(CheckName.Header, CheckAction.Reject)
        .With(CheckName.Dkim, CheckAction.Tag)
        .With(CheckName.Arc, CheckAction.Tag)
        .With(CheckName.Dmarc, CheckAction.Tag);

    /// <summary>The most that this check may do.</summary>
    public CheckAction this[CheckName check] => modes[(int)check];

    /// <summary>The same with another mode for one check.</summary>
    public CheckModes With(CheckName check, CheckAction mode)
    {
        var changed = new CheckModes();
        modes.CopyTo(changed.modes, 0);
        changed.modes[(int)check] = mode;
        return changed;
    }

    /// <inheritdoc/>
    public bool Equals(CheckModes? other) => other is not null && modes.AsSpan().SequenceEqual(other.modes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CheckModes);

    /// <inheritdoc/>
    public override int GetHashCode() => modes.Aggregate(0, HashCode.Combine);
}
