using System.Net;
using Relay.Mail;

namespace Relay.SmtpIngress.Limits;

/// <summary>
/// Sessions that are open now, for each client as <see cref="ClientNetwork"/> tells them apart. Every method may be called
/// from any thread. Its memory is bounded by the sessions that are open in all.
/// </summary>
internal sealed class SessionCounter
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> open = [];

    /// <summary>Clients with a session.</summary>
    public int Clients
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>Counts a session, unless the client has <paramref name="max"/> already.</summary>
    /// <returns>True when it was counted: then <see cref="Leave"/> has to follow.</returns>
    public bool TryEnter(IPAddress client, int max)
    {
        var network = ClientNetwork.Of(client);
        lock (gate)
        {
            var sessions = open.GetValueOrDefault(network);
            if (sessions >= max)
            {
                return false;
            }

            open[network] = sessions + 1;
            return true;
        }
    }

    /// <summary>A session that was counted has ended.</summary>
    public void Leave(IPAddress client)
    {
        var network = ClientNetwork.Of(client);
        lock (gate)
        {
            if (!open.TryGetValue(network, out var sessions))
            {
                throw new InvalidOperationException("A session left that was never counted");
            }

            if (sessions == 1)
            {
                open.Remove(network);
            }
            else
            {
                open[network] = sessions - 1;
            }
        }
    }
}
