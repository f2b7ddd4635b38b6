namespace Relay.Transport;

/// <summary>Says how TLS is to be with each host that an attempt tries, and is told how it went.</summary>
internal interface IHopTls
{
    TlsPolicy For(NextHop hop);

    /// <summary>A new connection is ready, with or without TLS.</summary>
    void Opened(SmtpConnection connection);

    /// <summary>TLS failed. Where it was only wished for, the host is tried once more in clear; of that nothing is told.</summary>
    void Failed(NextHop hop, SmtpSessionException failure);
}

/// <summary>The same for every host.</summary>
internal sealed class RouteTls(TlsPolicy policy) : IHopTls
{
    public TlsPolicy For(NextHop hop) => policy;

    public void Opened(SmtpConnection connection)
    {
    }

    public void Failed(NextHop hop, SmtpSessionException failure)
    {
    }
}
