using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Checks;
using Relay.Options;
using Relay.Routing;
using Relay.Support;

namespace Relay.SmtpIngress.Tests;

/// <summary>How the client's octets are cut.</summary>
public enum Chunking
{
    /// <summary>All at once, before the greeting.</summary>
    Whole,

    /// <summary>Line by line, each after the replies that come before it.</summary>
    Line,

    /// <summary>As <see cref="Line"/>, and each octet is sent by itself.</summary>
    Octet,
}

/// <summary>
/// A conversation as a file; <c>dialogs/README.md</c> describes the form.
/// </summary>
internal sealed partial class DialogScript
{
    private static readonly Lazy<X509Certificate2> Certificate = new(() => TestCertificate.For(TestServer.HostName));

    private readonly MemoryAccounts accounts = new();

    public TestServerOptions Server { get; private set; } = new();

    public string LineEnd { get; private set; } = "\r\n";

    public int FailingAccepts { get; private set; }

    public int FailingContents { get; private set; }

    public IReadOnlyList<Chunking> Chunkings { get; private set; } = Enum.GetValues<Chunking>();

    public List<DialogStep> Steps { get; } = [];

    public List<DialogMessage> Messages { get; } = [];

    public static DialogScript Load(string path)
    {
        var script = new DialogScript();
        foreach (var line in File.ReadLines(path))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                script.Take(line);
            }
        }

        return script;
    }

    private void Take(string line)
    {
        if (line.StartsWith("| ", StringComparison.Ordinal) || line == "|")
        {
            Messages[^1].Content.AddRange([.. Octets(line.Length > 2 ? line[2..] : ""), .. "\r\n"u8]);
            return;
        }

        var colon = line.IndexOf(':');
        var (key, value) = (line[..colon], line[(colon + 1)..]);
        value = value.StartsWith(' ') ? value[1..] : value;
        switch (key)
        {
            case "C":
                Steps.Add(new DialogStep(Octets(value + LineEnd.Replace("\r", "\\r").Replace("\n", "\\n")), null));
                break;
            case "C-raw":
                Steps.Add(new DialogStep(Octets(value), null));
                break;
            case "T":
                Steps.Add(new DialogStep(null, null));
                break;
            case "S":
                Steps.Add(new DialogStep(null, value));
                break;
            case "M":
                Messages.Add(new DialogMessage(value, []));
                break;
            default:
                Configure(key, value);
                break;
        }
    }

    private void Configure(string key, string value)
    {
        switch (key)
        {
            case "Client":
                Server = Server with { IsTrusted = value == "trusted" };
                break;
            case "Relay":
                Server = Server with { IsOpenRelay = value == "open" };
                break;
            case "Line-end":
                LineEnd = value == "LF" ? "\n" : "\r\n";
                break;
            case "Routes":
                Server = Server with { Routes = value.Split(' ') };
                break;
            case "Reject":
                Server = Server with { RoutesBefore = [.. Server.RoutesBefore, Reject(value.Split(' '), $"reject-{Server.RoutesBefore.Count}")] };
                break;
            case "Domain":
                var words = value.Split(' ');
                Server = Server with { Domains = [.. Server.Domains, new DomainOptions { Name = words[0], Recipients = words[1..] }] };
                break;
            case "Alias":
                Server.Addresses.Alias(value.Split(' ')[0], value.Split(' ')[1..]);
                break;
            case "Suppressed":
                Server.Addresses.Suppressed[value] = new Suppression(value, "it bounced", DateTimeOffset.UnixEpoch, null);
                break;
            case "Listener":
                Server = Server with { Listener = Listener(value.Split(' ')), Certificate = Certificate.Value };
                break;
            case "Account":
                Add(value.Split(' '));
                break;
            case "Auth-without-TLS":
                Limit(smtp => smtp with { AuthWithoutTls = [IPNetwork.Parse(value)] });
                break;
            case "Chunks":
                Chunkings = [.. value.Split(' ').Select(name => Enum.Parse<Chunking>(name, ignoreCase: true))];
                break;
            case "Max-message-size":
                Limit(smtp => smtp with { MaxMessageSize = long.Parse(value) });
                break;
            case "Max-recipients":
                Limit(smtp => smtp with { MaxRecipients = int.Parse(value) });
                break;
            case "Max-messages":
                Limit(smtp => smtp with { MaxMessagesPerSession = int.Parse(value) });
                break;
            case "Max-commands":
                Limit(smtp => smtp with { MaxCommandsWithoutMail = int.Parse(value) });
                break;
            case "Rate":
                Assert.True(ValueKinds.Rate.Parse(value, out var rate));
                Limit(smtp => smtp with { RatePerAddress = rate });
                break;
            case "Xclient":
                Limit(smtp => smtp with { XclientNetworks = [IPNetwork.Parse(value)] });
                break;
            case "Dns":
                Record(value.Split(' ', 3));
                break;
            case "Dns-list":
                Server = Server with { DnsLists = [.. Server.DnsLists, new DnsListOptions { Zone = value }] };
                break;
            case "Block":
                Server = Server with { Lists = Server.Lists with { Block = Listed(Server.Lists.Block, value.Split(' ', 2)) } };
                break;
            case "Allow":
                Server = Server with { Lists = Server.Lists with { Allow = Listed(Server.Lists.Allow, value.Split(' ', 2)) } };
                break;
            case "Check":
                Check(value.Split(' '));
                break;
            case "Failing-accepts":
                FailingAccepts = int.Parse(value);
                break;
            case "Failing-contents":
                FailingContents = int.Parse(value);
                break;
            default:
                throw new FormatException($"no such line in a dialog: {key}");
        }
    }

    private void Check(string[] words)
    {
        var (check, mode) = (Enum.Parse<CheckName>(words[0]), Enum.Parse<CheckAction>(words[1], ignoreCase: true));
        var modes = Server.CheckOptions.Modes.With(check, mode);
        Server = Server with { CheckOptions = Server.CheckOptions with { Modes = modes } };
    }

    private static Route Reject(string[] words, string name)
    {
        var conditions = words.TakeWhile(word => word.Contains('=')).Select(word => word.Split('=', 2)).ToArray();
        Assert.True(RouteConditionKinds.Reply.Parse(string.Join(' ', words[conditions.Length..]), out var reply));
        var route = new Route { Name = name, Kind = RouteKind.Reject, Recipients = ["*"], Reject = new RejectRoute(reply!) };
        return conditions.Aggregate(route, (before, condition) => condition[0] switch
        {
            "to" => before with { Recipients = [condition[1]] },
            "from" => before with { Senders = [condition[1]] },
            "account" => before with { Accounts = [condition[1]] },
            "min-size" => before with { MinSize = long.Parse(condition[1]) },
            "header" => before with { Headers = [HeaderPattern.TryParse(condition[1], out var pattern) ? pattern : throw new FormatException(condition[1])] },
            var other => throw new FormatException($"no such condition in a dialog: {other}"),
        });
    }

    private void Record(string[] words) => _ = words[0] switch
    {
        "A" => Server.Dns.A(words[1], words[2]),
        "TXT" => Server.Dns.Txt(words[1], words[2]),
        "PTR" => Server.Dns.Ptr(words[1], words[2]),
        "silent" => Server.Dns.Silent(words[2], words[1]),
        var other => throw new FormatException($"no such record in a dialog: {other}"),
    };

    private static LocalListOptions Listed(LocalListOptions list, string[] words) => words[0] switch
    {
        "address" => list with { Addresses = [.. list.Addresses, IPNetwork.Parse(words[1])] },
        "helo" => list with { Helo = [.. list.Helo, words[1]] },
        "sender" => list with { Senders = [.. list.Senders, words[1]] },
        "recipient" => list with { Recipients = [.. list.Recipients, words[1]] },
        var other => throw new FormatException($"no such list in a dialog: {other}"),
    };

    private void Limit(Func<SmtpOptions, SmtpOptions> change) => Server = Server with { Smtp = change(Server.Smtp) };

    /// <summary>Few iterations: what is tested here is the conversation.</summary>
    private void Add(string[] words)
    {
        accounts.Add(words[0], words[1], account => account with
        {
            IsDisabled = words.Contains("disabled"),
            Senders = [.. words.Skip(2).Where(word => word.Contains('.'))],
            Rate = words.Contains("once-a-day") ? new Rate(1, TimeSpan.FromDays(1)) : null,
        }, iterations: 4096);
        Server = Server with
        {
            Authenticator = new Authenticator(accounts, new AuthOptions(), TimeProvider.System, NullLogger<Authenticator>.Instance, tokens: null),
        };
    }

    private static ListenerOptions Listener(string[] words) => new TestServerOptions().Listener with
    {
        Role = words.Contains("submission") ? ListenerRole.Submission : ListenerRole.Mta,
        Tls = words.Contains("starttls") ? ListenerTls.StartTls : words.Contains("implicit") ? ListenerTls.Implicit : ListenerTls.Off,
        ClientAddress = words.Contains("unknown") ? ClientAddress.Unknown : ClientAddress.Known,
        Proxy = words.Contains("proxy") ? [IPNetwork.Parse("127.0.0.0/8")] : [],
    };

    private static byte[] Octets(string text)
    {
        text = Repetition().Replace(text, match => string.Concat(
            Enumerable.Repeat(match.Groups[1].Value, int.Parse(match.Groups[2].Value))));
        var octets = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'x':
                    octets.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                    i += 2;
                    break;
                case var escaped:
                    octets.Add((byte)(escaped switch { 'r' => '\r', 'n' => '\n', 't' => '\t', '0' => '\0', _ => escaped }));
                    break;
            }
        }

        return [.. octets];
    }

    [GeneratedRegex(@"\{(.+?)\*(\d+)\}")]
    private static partial Regex Repetition();
}

/// <summary>What the client sends, or what the server says.</summary>
internal sealed record DialogStep(byte[]? Send, string? Expect)
{
    /// <summary>Neither: the client makes a TLS handshake.</summary>
    public bool IsHandshake => Send is null && Expect is null;
}

/// <summary>A message that is in the spool at the end: <c>sender -> recipient recipient</c>, protocol, and what was sent.</summary>
internal sealed record DialogMessage(string Envelope, List<byte> Content);
