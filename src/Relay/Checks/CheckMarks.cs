using Relay.Mail;
using Relay.Status;

namespace Relay.Checks;

/// <summary>What the checks leave in a message that is taken: fields in its header and a line in its timeline.</summary>
public static class CheckMarks
{
    /// <summary>
    /// What is to stand at the beginning of the content: the fields of the checks, in front of all. A field that claims our own
    /// name and came from a stranger must not stay (RFC 8601 §5); where there is one, the rest of the header follows without it.
    /// </summary>
    /// <param name="isMember">The message comes from somebody who is trusted or has signed in.</param>
    /// <returns>Null where nothing changes.</returns>
    public static ContentHead? Head(string hostName, MessageHeader header, IReadOnlyList<CheckResult> results, bool isMember)
    {
        var fields = CheckFields.Write(hostName, results);
        var end = isMember ? 0 : header.Fields.Where(field => IsOurs(field, hostName)).Select(field => field.Offset + field.Octets.Length).LastOrDefault();
        if (end == 0)
        {
            return fields.Length == 0 ? null : new ContentHead(0, fields);
        }

        using var head = new MemoryStream();
        head.Write(fields);
        foreach (var field in header.Fields.Where(field => field.Offset < end && !IsOurs(field, hostName)))
        {
            head.Write(field.Octets.Span);
        }

        return new ContentHead(end, head.ToArray());
    }

    /// <summary>The line of the timeline; none where no check ran.</summary>
    public static IReadOnlyList<StatusEvent> Events(DateTimeOffset at, IReadOnlyList<CheckResult> results)
    {
        var words = results.SelectMany(result => result.Authentication).Select(found => $"{found.Method}={found.Result}")
            .Concat(results.Where(result => result.Reason is not null).Select(result => $"{result.Check}: {result.Reason} ({result.Detail})"))
            .ToArray();
        return words.Length == 0 ? [] : [new StatusEvent { At = at, Kind = StatusEvents.Checked, Detail = string.Join("; ", words) }];
    }

    private static bool IsOurs(HeaderField field, string hostName) =>
        field.Is(AuthenticationResults.FieldName) &&
        AuthenticationStatement.AuthservIdOf(field.Value).Equals(hostName, StringComparison.OrdinalIgnoreCase);
}
