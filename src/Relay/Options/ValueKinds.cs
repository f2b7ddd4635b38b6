using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Accounts;
using Relay.Mail;
using Relay.Routing;

namespace Relay.Options;

/// <summary>The sorts of values that the configuration knows.</summary>
internal static class ValueKinds
{
    /// <summary>A DNS name in ASCII, as it may stand in HELO and in <c>Received:</c>.</summary>
    public static ValueKind<string> HostName { get; } = new(
        "a host name in ASCII, such as mail.example.com",
        (string text, out string value) => IsDomain(value = text) && Ascii.IsValid(text),
        name => name);

    /// <summary>The name of a key of DKIM, one or more labels (RFC 6376 §3.1).</summary>
    public static ValueKind<string> Selector { get; } = new(
        "letters, digits and hyphens, with dots between if need be, such as relay1",
        (string text, out string value) => IsDomain(value = text) && Ascii.IsValid(text),
        selector => selector);

    /// <summary>A path. It is made a full path by the loader, which knows where it is relative to.</summary>
    public static ValueKind<string> Folder { get; } = new(
        "the path of a folder",
        (string text, out string value) => (value = text).Length > 0 && !text.Contains('\0'),
        path => path);

    /// <summary>Where a server listens.</summary>
    public static ValueKind<IPEndPoint> Listener { get; } = new(
        "an IP address and a port, such as 127.0.0.1:2525 or [::1]:2525 (port 0: any free one)",
        (string text, out IPEndPoint value) => TryEndPoint(text, null, out value),
        endPoint => endPoint.ToString());

    /// <summary>A name server.</summary>
    public static ValueKind<IPEndPoint> NameServer { get; } = new(
        "an IP address, with a port unless it is 53, such as 192.0.2.53, [2001:db8::53] or 127.0.0.1:5353",
        (string text, out IPEndPoint value) => TryEndPoint(text, 53, out value) && value.Port > 0,
        endPoint => endPoint.ToString());

    /// <summary>A range of addresses.</summary>
    public static ValueKind<IPNetwork> Network { get; } = new(
        "a network without host bits, or one address, such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7",
        TryNetwork,
        network => network.ToString());

    /// <summary>Which mail a route takes; see <see cref="Route.Recipients"/>.</summary>
    public static ValueKind<string> RecipientPattern { get; } = new(
        "* (everyone), a domain (example.com), *.domain (below it, not itself) or one address (user@example.com)",
        (string text, out string value) => IsPattern(value = text),
        pattern => pattern);

    /// <summary>A next hop.</summary>
    public static ValueKind<HostPort> Host { get; } = new(
        "a host name or address, with a port unless it is 25, such as smtp.example.com:587 or [2001:db8::25]:25, and its share of the mail behind a * (smtp1.example.com:587*3)",
        TryHost,
        host => host.ToString());

    /// <summary>What a route or the like is called.</summary>
    public static ValueKind<string> Name { get; } = new(
        "1 to 64 letters, digits, hyphens, dots or underscores",
        (string text, out string value) =>
            (value = text).Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'),
        name => name);

    /// <summary>A domain, or all below one.</summary>
    public static ValueKind<string> DomainPattern { get; } = new(
        "a domain (example.com), or *.domain (below it, not itself)",
        (string text, out string value) => IsDomain((value = text).StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text),
        pattern => pattern);

    /// <summary>What stands before the @.</summary>
    public static ValueKind<string> LocalPart { get; } = new(
        "* (all), or what stands before the @ (info)",
        (string text, out string value) => (value = text) == "*" || (Mailbox.TryParse($"{text}@a", out _) && !text.Contains('*')),
        part => part);

    /// <summary>A file, which need not be there yet. It is made a full path by the reader.</summary>
    public static ValueKind<string?> File { get; } = new(
        "the path of a file",
        (string text, out string? value) => (value = text).Length > 0 && !text.Contains('\0'),
        path => path ?? "none");

    /// <summary>What nobody should read.</summary>
    public static ValueKind<string?> Secret { get; } = new(
        "any text", (string text, out string? value) => (value = text).Length > 0, secret => secret is null ? "none" : "***")
    {
        IsSecret = true,
    };

    /// <summary>Text that is taken as it is.</summary>
    public static ValueKind<string> Text { get; } = new(
        "any text", (string text, out string value) => (value = text).Length > 0, text => text);

    /// <summary>Where something is fetched from; in clear from this machine alone.</summary>
    public static ValueKind<Uri?> SecureUrl { get; } = new(
        "an https URL (http to a loopback address)",
        (string text, out Uri? value) => Uri.TryCreate(text, UriKind.Absolute, out value) &&
            (value.Scheme == Uri.UriSchemeHttps || (value.Scheme == Uri.UriSchemeHttp && value.IsLoopback)),
        url => url?.ToString() ?? "none");

    /// <summary>Where something is asked that has no TLS of its own.</summary>
    public static ValueKind<Uri?> HttpUrl { get; } = new(
        "an http or https URL without user, query and fragment, such as http://127.0.0.1:11333",
        (string text, out Uri? value) => Uri.TryCreate(text, UriKind.Absolute, out value) &&
            (value.Scheme == Uri.UriSchemeHttps || value.Scheme == Uri.UriSchemeHttp) &&
            value is { UserInfo: "", Query: "", Fragment: "" },
        url => url?.ToString() ?? "none");

    /// <summary>The name of a file, or many of them.</summary>
    public static ValueKind<string> FileName { get; } = new(
        "the name of a file, with * for any characters, such as *.exe",
        (string text, out string value) => (value = text).Length is > 0 and <= 64 && text.AsSpan().IndexOfAny("/\\|") < 0 && !text.Any(char.IsControl),
        name => name);

    /// <summary>So many in so much time.</summary>
    public static ValueKind<Rate?> Rate { get; } = new(
        "off, or a number in a time such as 600/1m or 5000/1d",
        Quantities.TryRate,
        rate => rate is null ? "off" : $"{rate.Count}/{Quantities.FormatDuration(rate.Period)}");

    /// <summary>Yes or no; JSON's own words too.</summary>
    public static ValueKind<bool> OnOff { get; } = new(
        "on or off",
        (string text, out bool value) =>
        {
            value = text.Equals("on", StringComparison.OrdinalIgnoreCase);
            return value || text.Equals("off", StringComparison.OrdinalIgnoreCase) || bool.TryParse(text, out value);
        },
        isOn => isOn ? "on" : "off");

    /// <summary>A whole number.</summary>
    public static ValueKind<int> Number(int min, int max) => new(
        $"a whole number from {min} to {max}",
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max,
        number => number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number with a decimal point.</summary>
    public static ValueKind<double> Fraction(double min, double max) => new(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}, such as 0.2"),
        (string text, out double value) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value >= min && value <= max,
        number => number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number of octets.</summary>
    public static ValueKind<long> Size(long min, long max) => new(
        $"octets, or with KB, MB or GB (of 1024), from {Quantities.FormatSize(min)} to {Quantities.FormatSize(max)}",
        (string text, out long value) => Quantities.TrySize(text, out value) && value >= min && value <= max,
        Quantities.FormatSize);

    /// <summary>A length of time.</summary>
    public static ValueKind<TimeSpan> Duration(TimeSpan min, TimeSpan max) => new(
        $"a time such as 500ms, 30s, 5m, 4h, 5d or hh:mm:ss, from {Quantities.FormatDuration(min)} to {Quantities.FormatDuration(max)}",
        (string text, out TimeSpan value) => Quantities.TryDuration(text, out value) && value >= min && value <= max,
        Quantities.FormatDuration);

    /// <summary>One of some words, read without case.</summary>
    public static ValueKind<T> OneOf<T>(params (string Word, T Value)[] choices)
        where T : struct, Enum => new(
        "one of " + string.Join(", ", choices.Select(choice => choice.Word)),
        (string text, out T value) =>
        {
            var index = Array.FindIndex(choices, choice => choice.Word.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = index < 0 ? default : choices[index].Value;
            return index >= 0;
        },
        value => choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word);

    private static bool TryEndPoint(string text, int? defaultPort, out IPEndPoint value)
    {
        value = null!;
        if (!TrySplitPort(text, defaultPort, out var host, out var port) || !TryAddress(host, out var address))
        {
            return false;
        }

        value = new IPEndPoint(address, port);
        return true;
    }

    private static bool TryHost(string text, out HostPort value)
    {
        value = null!;
        var (weight, star) = (0, text.LastIndexOf('*'));
        if (star >= 0 && !Number(1, 100).Parse(text[(star + 1)..], out weight))
        {
            return false;
        }

        if (!TrySplitPort(star < 0 ? text : text[..star], 25, out var host, out var port) || port == 0 || !(TryAddress(host, out _) || IsDomain(host)))
        {
            return false;
        }

        value = new HostPort(host, port) { Weight = weight };
        return true;
    }

    /// <summary>Parts host and port; an IPv6 address stands in brackets, so that its last group is never taken for a port.</summary>
    private static bool TrySplitPort(string text, int? defaultPort, out string host, out int port)
    {
        host = text;
        port = defaultPort ?? 0;
        var bracket = text.LastIndexOf(']');
        var colon = text.IndexOf(':', bracket + 1);
        if (colon >= 0)
        {
            host = text[..colon];
            if (!Number(0, 65535).Parse(text[(colon + 1)..], out port))
            {
                return false;
            }
        }
        else if (defaultPort is null)
        {
            return false;
        }

        if (host.StartsWith('['))
        {
            host = host.EndsWith(']') ? host[1..^1] : "";
            return host.Contains(':');
        }

        return true;
    }

    private static bool TryNetwork(string text, out IPNetwork value)
    {
        value = default;
        var slash = text.IndexOf('/');
        if (!TryAddress(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        if (slash >= 0)
        {
            // The framework cuts host bits off; here they are a slip.
            return IPNetwork.TryParse(text, out value) && value.BaseAddress.Equals(address);
        }

        value = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }

    /// <summary>An address in full: the framework also takes <c>1</c> and <c>0x7f.1</c>, which are slips rather than addresses.</summary>
    private static bool TryAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) &&
        (address.AddressFamily == AddressFamily.InterNetworkV6 || text == address.ToString());

    private static bool IsPattern(string text)
    {
        if (text == "*")
        {
            return true;
        }

        var domain = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        // "*@example.com" would be the mailbox of that very name, which nobody means.
        return IsDomain(domain) || (Mailbox.TryParse(text, out var mailbox) && !mailbox.LocalPart.Contains('*'));
    }

    private static bool IsDomain(string text) =>
        !text.StartsWith('[') && MailboxParser.TryDomain(Encoding.UTF8.GetBytes(text), out _);
}
