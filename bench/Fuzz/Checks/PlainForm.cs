using System.Text.RegularExpressions;

namespace Relay.Fuzz.Checks;

/// <summary>What of a message a signature vouches for, told by other means than those that are tried: strings, and no haste.</summary>
internal static partial class PlainForm
{
    /// <summary>Fields that the signer signs so that none can be added.</summary>
    private static readonly string[] Signed = ["from", "to", "cc", "subject", "reply-to"];

    /// <summary>Those fields and the body, relaxed (RFC 6376 §3.4.2, §3.4.4).</summary>
    public static string Of(string text)
    {
        var end = EndOfHeader().Match(text);
        var header = end.Success ? text[..(end.Index + end.Groups[1].Length)] : text;
        var body = end.Success ? text[(end.Index + end.Length)..] : "";
        var fields = FieldBegin().Split(header).Select(field => Folding().Replace(field.TrimEnd('\r', '\n'), ""))
            .Select(field => field.Split(':', 2)).Where(field => field.Length == 2)
            .Select(field => (Name: field[0].TrimEnd(' ', '\t').ToLowerInvariant(), Value: Spaces().Replace(field[1], " ").Trim(' ')))
            .Where(field => Signed.Contains(field.Name)).OrderBy(field => Array.IndexOf(Signed, field.Name)).Select(field => $"{field.Name}:{field.Value}");
        body = SpacesAtEnd().Replace(Spaces().Replace(body, " "), "");
        return $"{string.Join("\r\n", fields)}\r\n\r\n{EmptyLines().Replace(body, "")}";
    }

    [GeneratedRegex(@"(^|\n)\r?\n")]
    private static partial Regex EndOfHeader();

    [GeneratedRegex(@"(?<=\n)(?![ \t])")]
    private static partial Regex FieldBegin();

    [GeneratedRegex(@"\r?\n")]
    private static partial Regex Folding();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@" (?=\r\n|\z)")]
    private static partial Regex SpacesAtEnd();

    [GeneratedRegex(@"(\r\n)+\z")]
    private static partial Regex EmptyLines();
}
