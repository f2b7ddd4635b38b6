using Relay.Checks;
using Relay.Options;

namespace Relay.SmtpIngress;

/// <summary>One listener, ready to judge who connects to it.</summary>
internal sealed class Listener(ListenerOptions options, CheckModes estate)
{
    public ListenerTls Tls => options.Tls;

    /// <summary>The address that connects, or a PROXY header, tells who the client is.</summary>
    public bool KnowsClients => options.ClientAddress == ClientAddress.Known;

    /// <summary>Mail is taken only from clients that may relay: as an MSA does, and where nobody can be told from a stranger.</summary>
    public bool IsForMembers => options.Role == ListenerRole.Submission || !KnowsClients;

    /// <summary>The most that each check may do here.</summary>
    public CheckModes Checks => options.Checks ?? estate;

    /// <summary>From where a PROXY header must come.</summary>
    public Networks Proxies { get; } = new(options.Proxy);
}
