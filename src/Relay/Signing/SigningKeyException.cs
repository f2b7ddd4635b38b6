namespace Relay.Signing;

/// <summary>A key that mail is to be signed with cannot be had. The message names its file or vault and says what to do, on one line.</summary>
public sealed class SigningKeyException : IOException
{
    internal SigningKeyException(string source, string problem, Exception? cause = null)
        : base($"Cannot load the DKIM key {source}: {problem}", cause)
    {
    }
}
