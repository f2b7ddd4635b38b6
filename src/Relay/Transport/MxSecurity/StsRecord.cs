using Relay.Dns;

namespace Relay.Transport.MxSecurity;

/// <summary>The TXT record at <c>_mta-sts.DOMAIN</c> that says that there is a policy, and which (RFC 8461 §3.1).</summary>
internal static class StsRecord
{
    /// <summary>Characters of an id.</summary>
    private const int MaxId = 32;

    /// <summary>Where it stands.</summary>
    public static string NameFor(string domain) => $"_mta-sts.{domain}";

    /// <summary>The id; null where there is not exactly one record of this kind, or it is broken: then there is no policy to be fetched.</summary>
    public static string? IdOf(DnsAnswer<string> answer)
    {
        string[] texts = [.. answer.Records.Where(text => text == "v=STSv1" || text.StartsWith("v=STSv1;", StringComparison.Ordinal) || text.StartsWith("v=STSv1 ", StringComparison.Ordinal))];
        return texts is [var only] ? IdOf(only) : null;
    }

    /// <summary>The id of a record; null when it is broken.</summary>
    public static string? IdOf(string text)
    {
        string? id = null;
        foreach (var field in text.Split(';').Skip(1).Select(field => field.Trim(' ', '\t')))
        {
            var equals = field.IndexOf('=');
            if (field.Length == 0)
            {
                continue;
            }

            if (equals < 1 || equals == field.Length - 1)
            {
                return null;
            }

            if (field[..equals] == "id" && id is null)
            {
                id = field[(equals + 1)..];
            }
        }

        return id is { Length: > 0 and <= MaxId } && id.All(char.IsAsciiLetterOrDigit) ? id : null;
    }
}
