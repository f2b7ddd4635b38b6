using System.Text;
using Relay.Mail;

namespace Relay.Signing;

/// <summary>What our own checks have found of a message, as the fields say that they put on top of it.</summary>
/// <param name="Texts">Each result as it is written.</param>
/// <param name="Arc">What ARC came to, all words where there are several; null where it is not told.</param>
internal sealed record OwnResults(IReadOnlyList<string> Texts, string? Arc)
{
    /// <summary>SPF has passed for the reverse-path itself, and not only for the name in HELO.</summary>
    public bool HasSpfPassed { get; private init; }

    /// <summary>
    /// Reads them; null where the message was not checked. Only what stands above the first <c>Received:</c> is ours: that
    /// field is our own too, and whatever is below it came with the message, be it in our name.
    /// </summary>
    /// <param name="hostName">The name of this relay, which vouches for them.</param>
    /// <param name="isForwarded">The first <c>Received:</c> is of the message that was sent on, and the one of the message before stands below them.</param>
    public static OwnResults? Read(MessageHeader header, string hostName, bool isForwarded = false)
    {
        var statements = header.Fields.Skip(isForwarded ? 1 : 0).TakeWhile(field => !field.Is("Received"))
            .Where(field => field.Is(AuthenticationResults.FieldName)).Select(Read)
            .Where(statement => statement.AuthservId.Equals(hostName, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (statements.Length == 0)
        {
            return null;
        }

        var arc = statements.SelectMany(statement => statement.Results).Where(result => result.Method == "arc").Select(result => result.Result).ToArray();
        return new OwnResults([.. statements.SelectMany(statement => statement.Texts)], arc.Length == 0 ? null : string.Join(' ', arc))
        {
            HasSpfPassed = statements.SelectMany(statement => statement.Results)
                .Any(result => result.Method == "spf" && result.Result == "pass" && result["smtp.mailfrom"] is not null),
        };
    }

    private static AuthenticationStatement Read(HeaderField field)
    {
        var octets = field.Octets.Span;
        return AuthenticationStatement.Read(Encoding.UTF8.GetString(octets[(octets.IndexOf((byte)':') + 1)..]));
    }
}
