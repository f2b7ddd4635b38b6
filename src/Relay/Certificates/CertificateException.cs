namespace Relay.Certificates;

/// <summary>A certificate of this server cannot be had. The message names its file or vault and says what to do, on one line.</summary>
public sealed class CertificateException : IOException
{
    internal CertificateException(string source, string problem, Exception? cause = null)
        : base($"Cannot load the certificate {source}: {problem}", cause) => Problem = problem;

    /// <summary>What is wrong and what to do, without the source.</summary>
    internal string Problem { get; }
}
