namespace Relay.Options;

/// <summary>Reads the lists: our own, and those that others publish in DNS.</summary>
internal sealed class ListsReader(SettingsReader reader)
{
    /// <summary>Lists in DNS: each is asked about each message.</summary>
    private const int MaxDnsLists = 32;

    private const string DnsLists = "DnsLists";

    /// <summary>Our own.</summary>
    public LocalListsOptions ReadLocal() => new()
    {
        Block = new LocalListOptions
        {
            Addresses = reader.Read(Settings.BlockAddresses),
            Helo = reader.Read(Settings.BlockHelo),
            Senders = reader.Read(Settings.BlockSenders),
            Recipients = reader.Read(Settings.BlockRecipients),
        },
        Allow = new LocalListOptions
        {
            Addresses = reader.Read(Settings.AllowAddresses),
            Helo = reader.Read(Settings.AllowHelo),
            Senders = reader.Read(Settings.AllowSenders),
            Recipients = reader.Read(Settings.AllowRecipients),
        },
    };

    /// <summary>Those in DNS.</summary>
    public IReadOnlyList<DnsListOptions> ReadDns()
    {
        var items = reader.Items(DnsLists);
        if (items.Count > MaxDnsLists)
        {
            reader.AddFault(Settings.DnsListZone, items[MaxDnsLists], $"at most {MaxDnsLists} lists are asked: leave the others out");
        }

        return [.. items.Select(ReadDns)];
    }

    private DnsListOptions ReadDns(int item)
    {
        if (!reader.IsGiven(Settings.DnsListZone, item) && reader.IsGroup($"{DnsLists}:{item}"))
        {
            reader.AddFault(Settings.DnsListZone, item, $"must be given; allowed is {Settings.DnsListZone.Allowed}");
        }

        return new DnsListOptions
        {
            Zone = reader.Read(Settings.DnsListZone, item),
            Of = reader.Read(Settings.DnsListOf, item),
            Replies = reader.Read(Settings.DnsListReplies, item),
            Weight = reader.Read(Settings.DnsListWeight, item),
        };
    }
}
