using System.Globalization;
using Relay.Checks.Dkim;
using Relay.Mail;

namespace Relay.Checks.Arc;

/// <summary>The ARC fields of a header, put together to sets; and whether these can be a chain (RFC 8617 §5.2, steps 1 to 3).</summary>
internal sealed record ArcFields
{
    /// <summary>The highest instance, and so the most sets (RFC 8617 §4.2.1).</summary>
    public const int MaxInstance = 50;

    /// <summary>Fields of all sets together.</summary>
    private const int MaxFields = 150;

    private static readonly string[] Names = [ArcSet.ResultsName, ArcSet.SignatureName, ArcSet.SealName];

    /// <summary>The sets, the first one first; empty where there is a fault.</summary>
    public IReadOnlyList<ArcSet> Sets { get; private init; } = [];

    /// <summary>The highest instance that any field has.</summary>
    public int Newest { get; private init; }

    /// <summary>The newest seal says itself that the chain has failed: it has ended.</summary>
    public bool HasEnded { get; private init; }

    /// <summary>Why this can be no chain; null where it can, and where there is none.</summary>
    public string? Fault { get; private init; }

    /// <summary>There is no field of ARC.</summary>
    public bool IsEmpty => Sets.Count == 0 && Fault is null;

    /// <summary>Reads them, up to one more than a chain can have.</summary>
    public static ArcFields Read(MessageHeader header)
    {
        var fields = header.Fields.Select(field => (Field: field, Kind: KindOf(field)))
            .Where(one => one.Kind >= 0).Take(MaxFields + 1).ToArray();
        return fields.Length == 0 ? new ArcFields()
            : fields.Length > MaxFields || !header.IsWhole ? new ArcFields { Newest = MaxInstance, Fault = "there are too many fields" }
            : Collect(fields);
    }

    private static ArcFields Collect((HeaderField Field, int Kind)[] fields)
    {
        var slots = new HeaderField?[MaxInstance, Names.Length];
        var (newest, hasEnded) = (0, false);
        string? fault = null;
        foreach (var (field, kind) in fields)
        {
            if (InstanceOf(field, kind, out var status) is not { } instance || instance == 0)
            {
                fault ??= $"{Names[kind]} without an instance";
                continue;
            }

            if (instance > MaxInstance)
            {
                return new ArcFields { Newest = MaxInstance, Fault = $"there are more than {MaxInstance} sets" };
            }

            if (instance > newest)
            {
                (newest, hasEnded) = (instance, false);
            }

            hasEnded |= instance == newest && status == ArcStatus.Fail;
            ref var slot = ref slots[instance - 1, kind];
            fault ??= slot is null ? null : $"{Names[kind]} {instance} stands twice";
            slot = field;
        }

        var found = new ArcFields { Newest = newest, HasEnded = hasEnded };
        fault ??= hasEnded ? "the newest seal says so" : null;
        List<ArcSet> sets = [];
        for (var instance = 1; fault is null && instance <= newest; instance++)
        {
            if (Complete(slots, instance, out fault) is { } set)
            {
                sets.Add(set);
            }
        }

        return fault is null ? found with { Sets = sets } : found with { Fault = fault };
    }

    /// <summary>All three must be there, and the seal must say what its place allows.</summary>
    private static ArcSet? Complete(HeaderField?[,] slots, int instance, out string? fault)
    {
        for (var kind = 0; kind < Names.Length; kind++)
        {
            if (slots[instance - 1, kind] is null)
            {
                fault = $"{Names[kind]} {instance} is missing";
                return null;
            }
        }

        if (ArcSeal.Read(slots[instance - 1, 2]!.Value, out fault) is not { } seal)
        {
            return null;
        }

        if (seal.Status != (instance == 1 ? ArcStatus.None : ArcStatus.Pass))
        {
            fault = $"{ArcSet.SealName} {instance} says cv={seal.Status.Word()}";
            return null;
        }

        return new ArcSet(instance, slots[instance - 1, 0]!.Value, slots[instance - 1, 1]!.Value, seal);
    }

    private static int KindOf(HeaderField field) => Array.FindIndex(Names, field.Is);

    /// <summary>Its place in the chain (RFC 8617 §4.2.1); null where it names none. A seal names its <c>cv=</c> too.</summary>
    private static int? InstanceOf(HeaderField field, int kind, out ArcStatus? status)
    {
        status = null;
        string? text;
        if (kind == 0)
        {
            var (name, value) = Pair(AuthenticationStatement.WithoutComments(AuthenticationStatement.Split(field.Value)[0]));
            text = name == "i" ? value : null;
        }
        else
        {
            text = TagList.TryParse(field, out var tags) ? tags["i"] : null;
            status = tags is null ? null : ArcSeal.StatusOf(tags);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) ? instance : null;
    }

    private static (string Name, string Value) Pair(string text)
    {
        var equals = text.IndexOf('=');
        return equals < 0 ? ("", "") : (text[..equals].Trim(), text[(equals + 1)..].Trim());
    }
}
