using System.Globalization;
using System.Text;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Tests.Checks.Dkim;

/// <summary>A message of the tests, and signatures of it that say whatever a test wants.</summary>
internal static class Letter
{
    public const string Text = "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Lunch\r\n\r\nAt noon?  \r\n\r\nAnn\r\n\r\n";

    /// <summary>The time of all tests: 2026-01-01.</summary>
    public const long Now = 1_767_225_600;

    public static SigningKey Rsa { get; } = Key(PrivateKeyPem.NewRsa(2048));

    public static SigningKey Ed25519 { get; } = Key(PrivateKeyPem.NewEd25519(System.Security.Cryptography.RandomNumberGenerator.Create()), "ed");

    public static SigningKey Key(string pem, string selector = "sel", string domain = "example.org") =>
        SigningKey.Parse(domain, selector, pem, "a test");

    /// <summary>DNS that has these keys.</summary>
    public static TableDns Dns(params SigningKey[] keys)
    {
        var dns = new TableDns();
        foreach (var key in keys)
        {
            dns.Txt(key.RecordName, key.RecordText);
        }

        return dns;
    }

    /// <summary>The message behind a signature of it; <paramref name="tags"/> go over those that are usual, and null leaves one out.</summary>
    public static string Sign(string message, SigningKey key, params (string Tag, string? Value)[] tags)
    {
        var all = new List<(string Tag, string? Value)>
        {
            ("v", "1"), ("a", key.AlgorithmName), ("c", "relaxed/relaxed"), ("d", key.Domain), ("s", key.Selector), ("h", "From:To:Subject"), ("bh", null),
        };
        foreach (var tag in tags)
        {
            all.RemoveAll(other => other.Tag == tag.Tag);
            all.Add(tag);
        }

        var octets = Encoding.Latin1.GetBytes(message);
        var header = MessageHeader.Parse(octets);
        var forms = all.FirstOrDefault(tag => tag.Tag == "c").Value?.Split('/') ?? ["simple"];
        if (tags.All(tag => tag.Tag != "bh"))
        {
            all[all.FindIndex(tag => tag.Tag == "bh")] = ("bh", BodyHash(octets, header.Length, forms, all));
        }

        var field = $"DKIM-Signature: {string.Join(";\r\n ", all.Where(tag => tag.Value is not null).Select(tag => $"{tag.Tag}={tag.Value}"))}; b=";
        var names = all.FirstOrDefault(tag => tag.Tag == "h").Value?.Split(':', StringSplitOptions.TrimEntries) ?? [];
        var digest = new SignedFields(header).Hash(names, new HeaderField(Encoding.Latin1.GetBytes(field + "\r\n"), -1), Form(forms[0]));
        return $"{field}{Convert.ToBase64String(key.Sign(digest))}\r\n{message}";
    }

    /// <summary>What the verifier says of it.</summary>
    public static async Task<DkimReport> VerifyAsync(string message, TableDns dns, TimeProvider? time = null)
    {
        var octets = Encoding.Latin1.GetBytes(message);
        return await new DkimVerifier(dns, time ?? new FixedTime(), Timeout.InfiniteTimeSpan).VerifyAsync(MessageHeader.Parse(octets), new MemoryStream(octets), CancellationToken.None);
    }

    /// <summary>Such as <c>fail: the signature has expired</c>.</summary>
    public static string Said(DkimResult result) =>
        result.Verdict?.Cause is { } cause ? $"{result.Outcome.Word()}: {cause}" : result.Outcome.Word();

    private static string BodyHash(byte[] octets, int offset, string[] forms, List<(string Tag, string? Value)> tags)
    {
        long? length = long.TryParse(tags.FirstOrDefault(tag => tag.Tag == "l").Value, NumberStyles.None, null, out var l) ? l : null;
        using var hasher = new BodyHasher(Form(forms.ElementAtOrDefault(1) ?? "simple"), length is null ? [] : [length.Value]);
        hasher.Append(octets.AsSpan(offset));
        hasher.Finish();
        return Convert.ToBase64String((length is null ? hasher.Whole : hasher.UpTo(length.Value)) ?? hasher.Whole);
    }

    private static Canonicalization Form(string word) => word == "relaxed" ? Canonicalization.Relaxed : Canonicalization.Simple;

    internal sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(Now);
    }
}
