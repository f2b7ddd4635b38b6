using System.Diagnostics.CodeAnalysis;

namespace Relay.Checks.Dmarc;

/// <summary>
/// Reads a DMARC policy record (RFC 9989 §4.8): <c>tag=value</c> with semicolons between, <c>v=DMARC1</c> first. A tag that is
/// not known is no fault; one that makes no sense counts as left out. Of a record without end the beginning is read.
/// </summary>
internal static class DmarcPolicyParser
{
    /// <summary>Characters that are read.</summary>
    private const int MaxLength = 8192;

    /// <summary>Tags that are read; eleven are known.</summary>
    private const int MaxTags = 64;

    /// <summary>Addresses that are kept of each list of them.</summary>
    private const int MaxAddresses = 20;

    private const string Version = "DMARC1";

    /// <summary>False for a TXT record that is no DMARC policy record: the version is not first, or is another.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcPolicyRecord? record)
    {
        record = null;
        var parts = text[..Math.Min(text.Length, MaxLength)].Split(';', MaxTags + 1);
        if (!TrySplit(parts[0], out var name, out var version) || !Is(name, "v") || version != Version)
        {
            return false;
        }

        record = new Reader(text.Length > MaxLength || parts.Length > MaxTags).Read(parts.Skip(1).Take(MaxTags - 1));
        return true;
    }

    private static bool TrySplit(string part, out string name, out string value)
    {
        var equals = part.IndexOf('=');
        (name, value) = equals < 0 ? (part.Trim(), "") : (part[..equals].Trim(), part[(equals + 1)..].Trim());
        return equals >= 0;
    }

    private static bool Is(string text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private sealed class Reader(bool isCut)
    {
        private readonly Dictionary<string, string> tags = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<string> faults = [];

        public DmarcPolicyRecord Read(IEnumerable<string> parts)
        {
            if (isCut)
            {
                faults.Add("the record is too long, and is not read to its end");
            }

            foreach (var part in parts)
            {
                Add(part);
            }

            var record = new DmarcPolicyRecord
            {
                DkimAlignment = Alignment("adkim"),
                SpfAlignment = Alignment("aspf"),
                Psd = OneOf("psd", DmarcPsd.Unsaid, ("y", DmarcPsd.Yes), ("n", DmarcPsd.No), ("u", DmarcPsd.Unsaid)),
                IsTest = OneOf("t", false, ("y", true), ("n", false)),
                AggregateReports = Addresses("rua"),
                FailureReports = Addresses("ruf"),
                FailureOptions = FailureOptions(),
            };
            record = WithPolicies(record);
            return record with { Faults = faults };
        }

        private void Add(string part)
        {
            var isTag = TrySplit(part, out var name, out var value);
            if (!isTag && name.Length > 0)
            {
                faults.Add($"'{Short(name)}' is no tag");
            }
            else if (isTag && !tags.TryAdd(name, value))
            {
                faults.Add($"{Short(name)} is given twice: the first one counts");
            }
        }

        /// <summary>
        /// Without <c>p</c>, or with one policy that is none, the whole record counts as <c>p=none</c> where it asks for reports, and
        /// otherwise not at all (RFC 9989 §4.10.1).
        /// </summary>
        private DmarcPolicyRecord WithPolicies(DmarcPolicyRecord record)
        {
            var before = faults.Count;
            var (policy, below, nonexistent) = (Policy("p"), Policy("sp"), Policy("np"));
            if (!tags.ContainsKey("p"))
            {
                faults.Add("there is no p");
            }

            return faults.Count == before
                ? record with { Policy = policy, SubdomainPolicy = below, NonexistentPolicy = nonexistent }
                : record with { Policy = record.AggregateReports.Count > 0 ? DmarcPolicy.None : null };
        }

        private DmarcPolicy? Policy(string tag) => OneOf<DmarcPolicy?>(
            tag, null, ("none", DmarcPolicy.None), ("quarantine", DmarcPolicy.Quarantine), ("reject", DmarcPolicy.Reject));

        private DmarcAlignment Alignment(string tag) => OneOf(
            tag, DmarcAlignment.Relaxed, ("r", DmarcAlignment.Relaxed), ("s", DmarcAlignment.Strict));

        private T OneOf<T>(string tag, T otherwise, params (string Word, T Meaning)[] words)
        {
            if (!tags.TryGetValue(tag, out var value))
            {
                return otherwise;
            }

            foreach (var (word, meaning) in words)
            {
                if (Is(value, word))
                {
                    return meaning;
                }
            }

            faults.Add($"{tag}={Short(value)} is none of {string.Join(", ", words.Select(word => word.Word))}");
            return otherwise;
        }

        private string FailureOptions()
        {
            if (!tags.TryGetValue("fo", out var value))
            {
                return "0";
            }

            var options = value.Split(':', StringSplitOptions.TrimEntries);
            if (options.All(option => option is "0" or "1" or "d" or "s") && options.Distinct().Count() == options.Length)
            {
                return string.Join(':', options);
            }

            faults.Add($"fo={Short(value)} is no list of 0, 1, d and s");
            return "0";
        }

        /// <summary>The obsolete size behind an address is dropped.</summary>
        private List<string> Addresses(string tag)
        {
            List<string> addresses = [];
            foreach (var text in tags.GetValueOrDefault(tag, "").Split(',', MaxAddresses + 1, StringSplitOptions.TrimEntries).Take(MaxAddresses))
            {
                var address = text.Split('!')[0];
                if (IsAddress(address))
                {
                    addresses.Add(address);
                }
                else if (tags.ContainsKey(tag))
                {
                    faults.Add($"'{Short(address)}' in {tag} is no address such as mailto:dmarc@example.org");
                }
            }

            return addresses;
        }

        private static bool IsAddress(string text) =>
            Uri.TryCreate(text, UriKind.Absolute, out var uri) &&
            (!Is(uri.Scheme, Uri.UriSchemeMailto) || (uri.UserInfo.Length > 0 && uri.Host.Length > 0));

        private static string Short(string text) => text.Length <= 40 ? text : text[..39] + "…";
    }
}
