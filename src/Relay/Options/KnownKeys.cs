using System.Globalization;

namespace Relay.Options;

/// <summary>The tree of declared keys, for telling an unknown key and what was probably meant.</summary>
internal sealed class KnownKeys
{
    private const string AnyNumber = "*";

    /// <summary>A longer key is no slip of the pen, and comparing costs the square of the length.</summary>
    private const int LongestCompared = 64;

    private readonly Dictionary<string, KnownKeys> children = new(StringComparer.OrdinalIgnoreCase);
    private readonly string path;
    private readonly KnownKeys root;

    private KnownKeys(string path, KnownKeys? root)
    {
        this.path = path;
        this.root = root ?? this;
    }

    /// <summary>True when only what is below can have a value.</summary>
    public bool IsGroup { get; private set; } = true;

    /// <summary>The keys below, for people.</summary>
    public string Names => children.TryGetValue(AnyNumber, out var item)
        ? string.Join(", ", item.children.Keys) + " in a list"
        : string.Join(", ", children.Keys);

    public static KnownKeys Of(IEnumerable<Setting> settings)
    {
        var root = new KnownKeys("", null);
        foreach (var setting in settings)
        {
            var node = root;
            foreach (var segment in setting.Key.Split(':'))
            {
                node = node.Child(segment);
            }

            // A list has no value of its own either, but the reader tells that, with what is allowed.
            node.IsGroup = false;
            if (setting.IsList)
            {
                node.Child(AnyNumber).IsGroup = false;
            }
        }

        return root;
    }

    /// <summary>The key of this name below this one; null when there is none.</summary>
    public KnownKeys? Find(string name) =>
        children.TryGetValue(name, out var child) ||
        (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) && children.TryGetValue(AnyNumber, out child))
            ? child
            : null;

    /// <summary>The key that was probably meant: one of nearly the same name here, or of the same name elsewhere.</summary>
    public string? Nearest(string givenPath, string name)
    {
        if (name.Length > LongestCompared)
        {
            return null;
        }

        var near = children.Values
            .Where(child => child.path.Length > 0 && !child.path.EndsWith(AnyNumber, StringComparison.Ordinal))
            .Select(child => (Child: child, Distance: Distance(name, child.Name)))
            .Where(pair => pair.Distance <= (pair.Child.Name.Length < 4 ? 1 : 2))
            .OrderBy(pair => pair.Distance)
            .Select(pair => pair.Child)
            .FirstOrDefault();
        if (near is not null)
        {
            // What was given has the numbers of list items that a declared path leaves open.
            return givenPath[..^name.Length] + near.Name;
        }

        return root.Everything().FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.path;
    }

    private string Name => path[(path.LastIndexOf(':') + 1)..];

    private KnownKeys Child(string segment)
    {
        if (!children.TryGetValue(segment, out var child))
        {
            child = new KnownKeys(path.Length == 0 ? segment : $"{path}:{segment}", root);
            children.Add(segment, child);
        }

        return child;
    }

    private IEnumerable<KnownKeys> Everything() => children.Values.SelectMany(child => child.Everything().Prepend(child));

    /// <summary>How many characters must be put in, taken out or replaced (Levenshtein), without case.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[b.Length];
    }
}
