using System.Text;
using Relay.Mail;

namespace Relay.Checks;

/// <summary>The header fields that tell the recipient what the checks have found.</summary>
public static class CheckFields
{
    /// <summary>Names what is wrong with a message that goes on all the same; no standard has a field for it.</summary>
    public const string TagFieldName = "X-Relay-Checks";

    /// <summary>The fields, each with its line end; empty where there is nothing to tell.</summary>
    /// <param name="hostName">The name of this relay, which vouches for the results.</param>
    /// <param name="results">All results, in the order to be told.</param>
    public static byte[] Write(string hostName, IReadOnlyList<CheckResult> results)
    {
        var text = new StringBuilder();
        if (results.Any(result => result.Authentication.Count > 0))
        {
            text.Append(AuthenticationResults.Write(hostName, results.SelectMany(result => result.Authentication)));
        }

        foreach (var field in results.SelectMany(result => result.Fields))
        {
            text.Append(field);
        }

        // Many recipients may have the same fault.
        var tags = results.Where(result => result is { Action: > CheckAction.None, Authentication: [] }).Select(result => result.Reason).Distinct().ToArray();
        if (tags.Length > 0)
        {
            text.Append($"{TagFieldName}: ").AppendJoin(",\r\n\t", tags).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
