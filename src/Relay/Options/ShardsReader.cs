namespace Relay.Options;

/// <summary>Reads the shards of the spool on Azure Storage.</summary>
internal sealed class ShardsReader(SettingsReader reader)
{
    private const string Shards = "Azure:Shards";

    public IReadOnlyList<ShardOptions> Read(SpoolKind spool)
    {
        var seen = new Dictionary<string, int>();
        var shards = reader.Items(Shards).Select(item => Read(item, seen)).ToList();
        if (spool == SpoolKind.Azure && shards.Count == 0)
        {
            reader.AddFault(Settings.Spool, null, $"the spool on Azure Storage has at least one shard: give {Settings.ShardAccount.KeyOf(0)}");
        }

        return shards;
    }

    private ShardOptions Read(int item, Dictionary<string, int> seen)
    {
        if (reader.IsGiven(Settings.ShardAccount, item) == reader.IsGiven(Settings.ShardConnectionString, item))
        {
            reader.AddFault(Settings.ShardAccount, item, $"a shard has either an account or a {Settings.ShardConnectionString.KeyOf(item)}");
        }

        var shard = new ShardOptions
        {
            Account = reader.Read(Settings.ShardAccount, item),
            ConnectionString = reader.Read(Settings.ShardConnectionString, item),
            Prefix = reader.Read(Settings.ShardPrefix, item),
        };
        if ((shard.Account ?? shard.ConnectionString) is { } where && !seen.TryAdd($"{where}/{shard.Prefix}", item))
        {
            reader.AddFault(Settings.ShardPrefix, item, $"this shard stands at {Shards}:{seen[$"{where}/{shard.Prefix}"]} already; in one account each has a prefix of its own");
        }

        return shard;
    }
}
