using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>What became of all signatures of a message.</summary>
/// <param name="Results">In the order of the header.</param>
/// <param name="Ignored">Further signatures, which were not looked at.</param>
/// <param name="Lookups">Questions to DNS.</param>
internal sealed record DkimReport(IReadOnlyList<DkimResult> Results, int Ignored, int Lookups);

/// <summary>What becomes of one signature: step by step, until there is a verdict.</summary>
/// <param name="tags">What it says; null where that cannot be read.</param>
/// <param name="signature">Null where it is wrong.</param>
internal sealed class DkimResult(TagList? tags, DkimSignature? signature)
{
    /// <summary>Characters of <c>b=</c> that tell signatures apart (RFC 6008 §3).</summary>
    private const int SignatureStart = 8;

    public DkimSignature? Signature => signature;

    /// <summary>Null as long as it is open.</summary>
    public SignatureVerdict? Verdict { get; set; }

    public bool IsOpen => Verdict is null;

    public IReadOnlyList<DkimKeyRecord> Keys { get; set; } = [];

    /// <summary>The domain only tries DKIM: that its signature fails says nothing (RFC 6376 §3.6.1).</summary>
    public bool IsTest { get; set; }

    /// <summary>Header and body are as they were signed, be it good enough for us or not.</summary>
    public bool IsRight { get; set; }

    public DkimOutcome Outcome => Verdict?.Outcome ?? DkimOutcome.Neutral;

    /// <summary>For <c>Authentication-Results</c> (RFC 8601 §2.7.1).</summary>
    public AuthenticationResult ToAuthentication()
    {
        List<(string, string)> properties = [];
        if (tags is not null)
        {
            Add("header.d", signature?.Domain ?? tags["d"]);
            Add("header.i", tags["i"] ?? (tags["d"] is { } d ? $"@{d}" : null));
            Add("header.s", tags["s"]);
            Add("header.a", tags["a"]);
            Add("header.b", tags["b"] is { } b ? Start(b) : null);
        }

        return new AuthenticationResult("dkim", Outcome.Word()) { Comment = Comment(), Properties = properties };

        void Add(string property, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                properties.Add((property, value));
            }
        }
    }

    /// <summary>For the log and the status.</summary>
    public override string ToString() => $"{signature?.Domain ?? "?"}: {Outcome.Word()}{(Comment() is { } comment ? $" ({comment})" : "")}";

    private string? Comment() => (Verdict?.Cause, IsTest) switch
    {
        (var cause, false) => cause,
        (null, true) => "test mode",
        (var cause, true) => $"{cause}, test mode",
    };

    private static string Start(string b)
    {
        b = b.Replace(" ", "").Replace("\t", "");
        return b[..Math.Min(b.Length, SignatureStart)];
    }
}
