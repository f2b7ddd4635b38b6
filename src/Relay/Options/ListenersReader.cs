using System.Net;
using Relay.Checks;

namespace Relay.Options;

/// <summary>Reads the list of SMTP listeners, and finds those that cannot be what they say.</summary>
internal sealed class ListenersReader(SettingsReader reader, bool hasCertificate, CheckModes checks)
{
    private const string Listeners = "Smtp:Listeners";

    /// <summary>The listeners as configured; null when the configuration says nothing of them.</summary>
    public IReadOnlyList<ListenerOptions>? Read()
    {
        var items = reader.Items(Listeners);
        if (items.Count == 0)
        {
            reader.RefuseEmpty(Listeners, "allowed is a list of at least one listener; leave it out for 127.0.0.1:2525");
            return null;
        }

        var firstOfAddress = new Dictionary<IPEndPoint, int>();
        return [.. items.Select(item => Read(item, firstOfAddress))];
    }

    private ListenerOptions Read(int item, Dictionary<IPEndPoint, int> firstOfAddress)
    {
        if (!reader.IsGiven(Settings.ListenerAddress, item) && reader.IsGroup($"{Listeners}:{item}"))
        {
            reader.AddFault(Settings.ListenerAddress, item, $"must be given; allowed is {Settings.ListenerAddress.Allowed}");
        }

        var listener = new ListenerOptions
        {
            Address = reader.Read(Settings.ListenerAddress, item),
            Role = reader.Read(Settings.ListenerRole, item),
            Tls = ReadTls(item),
            Proxy = reader.Read(Settings.ListenerProxy, item),
            ClientAddress = reader.Read(Settings.ListenerClientAddress, item),
            Checks = ChecksReader.ReadModes(reader, Settings.ListenerChecks, item, checks),
        };
        // Read anew: an address that is at fault is told once.
        var isGiven = Settings.ListenerAddress.Kind.Parse(reader.Text(Settings.ListenerAddress, item), out _);
        if (isGiven && listener.Address.Port != 0 && !firstOfAddress.TryAdd(listener.Address, item))
        {
            reader.AddFault(Settings.ListenerAddress, item,
                $"{listener.Address} is taken by {Listeners}:{firstOfAddress[listener.Address]}; allowed is one that no other listener has");
        }

        if (listener is { ClientAddress: ClientAddress.Unknown, Proxy.Count: > 0 })
        {
            reader.AddFault(Settings.ListenerClientAddress, item, "a PROXY header tells the address: leave this out, or the proxies");
        }

        return listener;
    }

    private ListenerTls ReadTls(int item)
    {
        if (!reader.IsGiven(Settings.ListenerTls, item))
        {
            return hasCertificate ? ListenerTls.StartTls : ListenerTls.Off;
        }

        var tls = reader.Read(Settings.ListenerTls, item);
        if (tls != ListenerTls.Off && !hasCertificate)
        {
            reader.AddFault(Settings.ListenerTls, item, "TLS needs a certificate: give one in Certificates");
        }

        return tls;
    }
}
