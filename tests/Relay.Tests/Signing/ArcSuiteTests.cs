using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks.Arc;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;
using Relay.Tests.Checks.Arc;

namespace Relay.Tests.Signing;

/// <summary>The signing part of the ValiMail ARC suite: 17 messages with the set that a sealer adds to each, to the octet of the signatures.</summary>
public sealed class ArcSuiteTests
{
    private const string Path = "../shared/suites/arc/arc-draft-sign-tests.json";

    private static readonly string[] Cases =
    [
        "message_body_eol_wsp", "message_body_inl_wsp", "message_body_end_lines", "message_body_trail_crlf", "headers_field_name_case",
        "headers_field_unfold", "headers_eol_wsp", "headers_inl_wsp", "headers_col_wsp", "i0_base", "i1_base", "i2_base", "i1_base_fail",
        "i2_base_fail", "no_additional_sig", "ar_merged1", "ar_merged2",
    ];

    public static TheoryData<string> Names => [.. Cases];

    [Fact]
    public void Every_case_of_the_suite_is_run() =>
        Assert.Equal(Cases.Order(), Load().SelectMany(scenario => scenario.GetProperty("tests").EnumerateObject()).Select(test => test.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_set_is_the_one_of_the_suite(string name)
    {
        var (scenario, test, content) = Find(name);

        var set = await SealAsync(scenario, test, content, WriteSorted);

        var fields = MessageHeader.Parse(set).Fields.ToDictionary(field => field.Name, field => field.Value);
        Assert.Equal(Tags(Text(test, "AS")), Tags(fields.GetValueOrDefault(ArcSet.SealName, "")));
        Assert.Equal(Tags(Text(test, "AMS")), Tags(fields.GetValueOrDefault(ArcSet.SignatureName, "")));
        Assert.Equal(Squeeze(Text(test, "AAR")), Squeeze(fields.GetValueOrDefault(ArcSet.ResultsName, "")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_the_suite_seals_is_verified(string name)
    {
        var (scenario, test, content) = Find(name);
        if (Text(test, "AS").Length == 0)
        {
            return;
        }

        var set = $"ARC-Seal: {Unfold("AS")}\r\nARC-Message-Signature: {Unfold("AMS")}\r\n" +
            $"ARC-Authentication-Results: {Text(test, "AAR").Trim().ReplaceLineEndings("\r\n ")}\r\n";
        var dns = new TableDns();
        foreach (var record in scenario.GetProperty("txt-records").EnumerateObject())
        {
            dns.Txt(record.Name, record.Value.GetString()!.Replace("\n", ""));
        }

        var result = await ArcRelay.CheckAsync([.. Encoding.ASCII.GetBytes(set), .. content], dns);

        var (status, cause) = name.EndsWith("_fail", StringComparison.Ordinal) ? (ArcStatus.Fail, "the newest seal says so") : (ArcStatus.Pass, null);
        Assert.Equal((status, cause), (result.Chain.Status, result.Chain.Cause));

        string Unfold(string field) => Squeeze(Text(test, field)).Replace(";", "; ");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_same_with_the_instance_first_as_the_RFC_wants_it(string name)
    {
        var (scenario, test, content) = Find(name);

        var set = await SealAsync(scenario, test, content, ArcSealer.Write);

        Assert.All(MessageHeader.Parse(set).Fields, field => Assert.StartsWith("i=", field.Value));
        Assert.Equal(Text(test, "AS").Length > 0, set.Length > 0);
    }

    private static Task<byte[]> SealAsync(JsonElement scenario, JsonElement test, byte[] content, TagWriter writer)
    {
        var key = SigningKey.Parse(Text(scenario, "domain"), Text(scenario, "sel"), Text(scenario, "privatekey"), "the suite");
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(test.GetProperty("t").GetInt64()));
        var sealer = new ArcSealer(key, Text(test, "srv-id"), clock)
        {
            Names = Text(test, "sig-headers").Split(':'),
            Writer = writer,
        };
        return ArcRelay.SealAsync(sealer, content);
    }

    /// <summary>As the suite has it: tags in the order of their names, each signature in its place among them, nothing folded.</summary>
    private static byte[] WriteSorted(string fieldName, IReadOnlyList<(string Tag, IReadOnlyList<string> Values)> tags, Func<byte[], byte[]> sign)
    {
        return Write(Convert.ToBase64String(sign(Write(""))));

        byte[] Write(string signature) => Encoding.ASCII.GetBytes($"{fieldName}: " + string.Join("; ",
            tags.Append(("b", [signature])).OrderBy(tag => tag.Tag, StringComparer.Ordinal).Select(tag => $"{tag.Tag}={string.Join(':', tag.Values)}")) + "\r\n");
    }

    private static (JsonElement Scenario, JsonElement Test, byte[] Content) Find(string name)
    {
        foreach (var scenario in Load())
        {
            if (scenario.GetProperty("tests").TryGetProperty(name, out var test))
            {
                return (scenario, test, Encoding.UTF8.GetBytes(Text(test, "message").ReplaceLineEndings("\r\n")));
            }
        }

        throw new ArgumentException(name);
    }

    private static List<JsonElement> Load()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Relay.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder)!;
        }

        var file = System.IO.Path.Combine(folder, Path);
        Assert.SkipUnless(File.Exists(file), $"needs the ARC suite at {Path}");
        return [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray()];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static IEnumerable<string> Tags(string text) => Squeeze(text).Split(';', StringSplitOptions.RemoveEmptyEntries).Order();
}
