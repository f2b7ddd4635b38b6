namespace Relay.SmtpIngress.Auth;

/// <summary>How a client begins where it could bind to the channel (RFC 5801 §4): <c>n,a=name,</c>.</summary>
/// <param name="Authzid">Whom it wants to act as; null where it does not say.</param>
/// <param name="Length">Characters of the header with both commas.</param>
internal readonly record struct Gs2Header(string? Authzid, int Length)
{
    /// <summary>Reads it; on failure says why.</summary>
    public static Gs2Header? Read(string text, out string fault)
    {
        fault = "the GS2 header is broken";
        var first = text.IndexOf(',');
        var second = first < 0 ? -1 : text.IndexOf(',', first + 1);
        if (second < 0)
        {
            return null;
        }

        if (text.StartsWith("p=", StringComparison.Ordinal))
        {
            fault = "asks for channel binding, which is not offered";
            return null;
        }

        // y: the client could bind but was not offered it, which is so.
        if (text[..first] is not ("n" or "y"))
        {
            return null;
        }

        var authzid = text[(first + 1)..second];
        if (authzid.Length == 0)
        {
            return new Gs2Header(null, second + 1);
        }

        return authzid.StartsWith("a=", StringComparison.Ordinal) && SaslText.Name(authzid[2..]) is { } name
            ? new Gs2Header(name, second + 1)
            : null;
    }
}
