using System.Text;
using Relay.Mail;
using Relay.Options;

namespace Relay.Addresses;

/// <summary>One wrong thing of what people have written.</summary>
/// <param name="Parameter">Its name: <c>name</c>, <c>recipients</c>, <c>address</c>, <c>targets</c>, <c>reason</c> or <c>for</c>.</param>
/// <param name="Problem">What was given and what is allowed, in words.</param>
public sealed record AddressFault(string Parameter, string Problem);

/// <summary>What reading gave: the value, or everything that is wrong with it.</summary>
/// <param name="Value">Null when there are faults.</param>
/// <param name="Faults">Empty when there is a value.</param>
public sealed record AddressResult<T>(T? Value, IReadOnlyList<AddressFault> Faults)
    where T : class;

/// <summary>Reads domains, aliases and suppressions from what people write, for the command line and HTTP alike.</summary>
public static class AddressParser
{
    /// <summary>What is allowed for the address of an alias.</summary>
    public const string AllowedAlias = "one address (user@example.com), or @example.com for everybody there who is no alias";

    /// <summary>What is allowed for where an alias leads.</summary>
    public const string AllowedTarget = "one address (user@example.com), or @example.com, which keeps what stands before the @";

    /// <summary>What is allowed for an address of the suppression list.</summary>
    public const string AllowedRecipient = "one address (user@example.com)";

    /// <summary>Why an address is suppressed when nobody says why.</summary>
    public const string AddedByHand = "added by hand";

    /// <summary>Addresses that an alias leads to.</summary>
    private const int MaxTargets = 100;

    /// <summary>Characters of a reason.</summary>
    private const int MaxReason = 500;

    private const int LongestShown = 80;

    private static readonly ValueKind<TimeSpan> Time = ValueKinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650));

    /// <summary>What is allowed for a domain.</summary>
    public static string AllowedDomain => ValueKinds.DomainPattern.Allowed;

    /// <summary>What is allowed for who exists in a domain.</summary>
    public static string AllowedLocalPart => ValueKinds.LocalPart.Allowed;

    /// <summary>What is allowed for how long an address is suppressed.</summary>
    public static string AllowedTime => Time.Allowed;

    /// <summary>What is allowed for a reason.</summary>
    public static string AllowedReason => $"text of at most {MaxReason} characters on one line";

    /// <summary>Reads a domain of ours.</summary>
    /// <param name="recipients">Who exists there; null or empty for everybody.</param>
    public static AddressResult<DomainOptions> Domain(string name, IReadOnlyList<string>? recipients)
    {
        var faults = new Faults();
        faults.Check("name", name, ValueKinds.DomainPattern.Parse(name, out _), AllowedDomain);
        foreach (var recipient in recipients ?? [])
        {
            faults.Check("recipients", recipient, ValueKinds.LocalPart.Parse(recipient, out _), AllowedLocalPart);
        }

        return faults.Or(() => new DomainOptions
        {
            Name = CanonicalAddress.OfDomain(name),
            Recipients = recipients is { Count: > 0 } ? recipients : ["*"],
        });
    }

    /// <summary>Reads an alias.</summary>
    public static AddressResult<Alias> Alias(string address, IReadOnlyList<string>? targets)
    {
        var faults = new Faults();
        targets ??= [];
        faults.Check("address", address, IsAddress(address) || IsCatchAll(address), AllowedAlias);
        foreach (var target in targets)
        {
            faults.Check("targets", target, IsAddress(target) || IsCatchAll(target), AllowedTarget);
        }

        if (targets.Count is 0 or > MaxTargets)
        {
            faults.Add("targets", $"there are {targets.Count}; allowed is 1 to {MaxTargets}, each {AllowedTarget}");
        }
        else if (faults.AreNone && targets.All(target => LeadsTo(address, target)))
        {
            faults.Add("targets", $"it would lead to nobody but itself; name at least one target that is not {Shown(address)}");
        }

        return faults.Or(() => new Alias(CanonicalAddress.Of(address), [.. targets.DistinctBy(CanonicalAddress.Of)]));
    }

    /// <summary>Reads an entry of the suppression list that is added <paramref name="now"/>.</summary>
    /// <param name="reason">Null for <see cref="AddedByHand"/>.</param>
    /// <param name="for">How long; null for ever.</param>
    public static AddressResult<Suppression> Suppression(string address, string? reason, string? @for, DateTimeOffset now)
    {
        var faults = new Faults();
        var time = TimeSpan.Zero;
        faults.Check("address", address, IsAddress(address), AllowedRecipient);
        faults.Check("reason", reason, reason is null || IsReason(reason), AllowedReason);
        faults.Check("for", @for, @for is null || Time.Parse(@for, out time), AllowedTime);
        return faults.Or(() => new Suppression(
            CanonicalAddress.Of(address), reason ?? AddedByHand, now, @for is null ? null : now + time));
    }

    /// <summary>The reason as it may be kept: on one line, and cut.</summary>
    internal static string Reason(string text) =>
        string.Concat((text.Length > MaxReason ? text[..(MaxReason - 1)] + "…" : text).Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>In a domain: an address literal names a host, and nobody there is ours or known for long.</summary>
    private static bool IsAddress(string text) => Mailbox.TryParse(text, out var mailbox) && !mailbox.HasAddressLiteral;

    private static bool IsCatchAll(string text) =>
        text.StartsWith('@') && !text.StartsWith("@[", StringComparison.Ordinal) && Mailbox.IsDomain(Encoding.UTF8.GetBytes(text[1..]));

    private static bool IsReason(string text) => text.Length is > 0 and <= MaxReason && !text.Any(char.IsControl);

    /// <summary>Whether mail to the address comes back to it: the target is the same, or keeps its local part in its own domain.</summary>
    private static bool LeadsTo(string address, string target)
    {
        var (from, to) = (CanonicalAddress.Of(address), CanonicalAddress.Of(target));
        return from == to || (to.StartsWith('@') && from.EndsWith(to, StringComparison.Ordinal));
    }

    private static string Shown(string value) =>
        string.Concat((value.Length > LongestShown ? value[..LongestShown] + "…" : value).Select(c => char.IsControl(c) ? '?' : c));

    private sealed class Faults
    {
        private readonly List<AddressFault> all = [];

        public bool AreNone => all.Count == 0;

        public void Add(string parameter, string problem) => all.Add(new AddressFault(parameter, problem));

        public void Check(string parameter, string? given, bool isRight, string allowed)
        {
            if (!isRight)
            {
                Add(parameter, $"\"{Shown(given!)}\" is not allowed; allowed is {allowed}");
            }
        }

        public AddressResult<T> Or<T>(Func<T> make)
            where T : class => AreNone ? new(make(), []) : new(null, all);
    }
}
