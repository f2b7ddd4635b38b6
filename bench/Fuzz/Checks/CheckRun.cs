using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;

namespace Relay.Fuzz.Checks;

/// <summary>Takes one case through all checks, the signer and the sealer, and says what is wrong with what they made of it.</summary>
internal sealed class CheckRun(CheckKeys keys)
{
    /// <summary>What all checks of a message may ask at most: two evaluations of SPF, keys, walks up the tree, lists, names.</summary>
    private const int MaxQuestions = (2 * 100) + 10 + 20 + (9 * 8) + 1 + (3 * 3) + (2 * 11) + 3;

    /// <summary>Octets that may be allocated beside the <see cref="MaxShare"/> of the message.</summary>
    private const long MaxAllocated = 8 * 1024 * 1024;

    /// <summary>Octets that may be allocated for each octet of the message.</summary>
    private const long MaxShare = 200;

    private static readonly CheckModes Modes = Enum.GetValues<CheckName>().Aggregate(CheckModes.Off, (modes, check) => modes.With(check, CheckAction.Reject));

    private static readonly RelayOptions Options = new()
    {
        HostName = CheckKeys.HostName,
        Data = "/none",
        DnsLists = [new DnsListOptions { Zone = "bl.example", Of = [DnsListSubject.Address, DnsListSubject.Helo, DnsListSubject.Sender, DnsListSubject.ReverseDns] }],
        Lists = new LocalListsOptions
        {
            Block = new LocalListOptions { Addresses = [IPNetwork.Parse("198.51.100.0/24")], Helo = ["*.bad.example"], Senders = ["eve@other.example", "*.example"] },
            Allow = new LocalListOptions { Senders = ["ann@author.example"] },
        },
        Arc = new ArcOptions { TrustedSealers = [CheckSeeds.Forwarder] },
        Filter = new FilterOptions { Url = new Uri("http://filter.example") },
    };

    /// <returns>Null, or what is wrong.</returns>
    public async ValueTask<string?> ComplaintAsync(CheckCase one, Random random, CheckTally tally)
    {
        using var http = new HttpClient(new FuzzFilter(random));
        var runner = new CheckRunner(CheckSet.Of(Options, one.Dns, http, TimeProvider.System, NullLoggerFactory.Instance), Options.Checks, TimeProvider.System, NullLogger<CheckRunner>.Instance);
        var subject = CheckKeys.Subject(one.Text) with
        {
            ClientAddress = one.Client.ClientAddress,
            Helo = one.Client.Helo,
            ReversePath = one.Client.ReversePath,
            Id = one.Client.Id,
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var stage in Enum.GetValues<CheckStage>())
        {
            subject = subject with { Results = (await runner.RunAsync(stage, subject, Modes, default)).Results };
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        tally.Count(one, subject);
        return subject.Results.FirstOrDefault(result => result.Reason == CheckReasons.InternalError) is { } fault ? $"fault: {fault.Check}: {fault.Detail}"
            : one.Dns.Questions.Count > MaxQuestions ? $"questions: {one.Dns.Questions.Count}"
            : allocated > MaxAllocated + (MaxShare * one.Text.Length) ? $"memory: {allocated:N0} octets for a message of {one.Text.Length:N0}"
            : Verdict(one, subject) ?? Fields(subject) ?? await SignAsync(one) ?? await SealAsync(subject, one);
    }

    /// <summary>What nobody touched passes, and what passes nobody touched.</summary>
    private static string? Verdict(CheckCase one, CheckSubject subject)
    {
        var found = subject.Results.SelectMany(result => result.Authentication).ToArray();
        if (!one.IsBent && one.Original is not null && found.Any(result => result.Method is "dkim" or "dmarc" && result.Result != "pass"))
        {
            return $"pass: {Told(found)}";
        }

        if (!one.IsBent && found.Any(result => result.Method == "arc" && result.Result is not ("pass" or "none")))
        {
            return $"chain: {Told(found)}";
        }

        var isVouchedFor = found.Any(result => result is { Method: "dkim", Result: "pass" } && result["header.d"] == CheckSeeds.Author);
        var isSealed = found.Any(result => result is { Method: "arc", Result: "pass" });
        return isVouchedFor && !IsAs(one.Original, one.Text) ? $"forged: {Told(found)}"
            : isSealed && !IsAs(one.Sealed, one.Text) ? $"forged: {Told(found)}"
            : null;
    }

    private static bool IsAs(string? before, string text) => before is not null && PlainForm.Of(before) == PlainForm.Of(text);

    /// <summary>What the checks say of a message cannot be anything else than fields.</summary>
    private static string? Fields(CheckSubject subject)
    {
        var fields = CheckFields.Write(CheckKeys.HostName, subject.Results);
        if (fields.Any(octet => octet is > (byte)'~' or (< (byte)' ' and not ((byte)'\r' or (byte)'\n' or (byte)'\t'))))
        {
            return "fields: octets that no field may have";
        }

        var text = Encoding.ASCII.GetString(fields);
        var lines = text.Split("\r\n");
        string[] names = [AuthenticationResults.FieldName, "Received-SPF", "X-Relay-Filter", CheckFields.TagFieldName];
        return lines[^1].Length > 0 || lines.Any(line => line.Length > 998 || line.Contains('\r') || line.Contains('\n')) ? $"fields: lines: {text}"
            : lines[..^1].FirstOrDefault(line => line[0] != '\t' && !names.Any(name => line.StartsWith($"{name}: ", StringComparison.Ordinal))) is { } stray ? $"fields: {stray}"
            : Read(text, subject);
    }

    /// <summary>It says the same to whoever reads it.</summary>
    private static string? Read(string text, CheckSubject subject)
    {
        var field = MessageHeader.Parse(Encoding.ASCII.GetBytes(text)).Fields[0];
        var read = AuthenticationStatement.Read(field.Value).Results.Select(result => $"{result.Method}={result.Result}");
        var said = subject.Results.SelectMany(result => result.Authentication).Select(result => $"{result.Method}={result.Result}");
        return string.Join(' ', read) == string.Join(' ', said) ? null : $"fields: read as {string.Join(' ', read)}: {text}";
    }

    /// <summary>Whatever we sign can be verified.</summary>
    private async ValueTask<string?> SignAsync(CheckCase one)
    {
        var text = $"Received: by {CheckKeys.HostName}; now\r\n{one.Text}";
        var signatures = await keys.SignAsync(text);
        var subject = CheckKeys.Subject(signatures + text);
        if (signatures.Length == 0 || !subject.Header!.IsWhole)
        {
            return null;
        }

        var found = (await new Relay.Checks.Dkim.DkimCheck(keys.Dns(), TimeProvider.System, TimeSpan.FromSeconds(5)).RunAsync(subject, default)).Authentication;
        return found.Take(2).All(result => result.Result == "pass") ? null : $"signature: {Told(found)}";
    }

    /// <summary>Whatever we seal as whole can be verified.</summary>
    private async ValueTask<string?> SealAsync(CheckSubject subject, CheckCase one)
    {
        if (subject.ResultOf(CheckName.Arc)?.Authentication[0].Result is not { } before)
        {
            return null;
        }

        var text = $"{Encoding.ASCII.GetString(CheckFields.Write(CheckKeys.HostName, subject.Results))}Received: by {CheckKeys.HostName}; now\r\n{one.Text}";
        var sealedText = await CheckKeys.SealedAsync(keys.Sealer, text);
        var (header, content) = (CheckKeys.Subject(sealedText).Header!, CheckKeys.Subject(sealedText).Content!);
        if (sealedText.Length == text.Length || before == "fail" || !header.IsWhole || !header.Named("From").Any())
        {
            return null;
        }

        var after = await new Relay.Checks.Arc.ArcVerifier(keys.Dns(), TimeProvider.System).VerifyAsync(header, content, default);
        return after.Status == Relay.Checks.Arc.ArcStatus.Pass ? null : $"seal: {before} became {after.Status}: {after.Cause}";
    }

    private static string Told(IEnumerable<AuthenticationResult> found) => string.Join("; ", found.Select(result => $"{result.Method}={result.Result} ({result.Comment})"));
}
