using System.Security.Cryptography;
using System.Text;
using Relay.Mail;
using Relay.Options;

namespace Relay.Spool.Azure;

/// <summary>The shards of the spool. Which one a message belongs to follows from its id and their names alone.</summary>
public sealed class AzureShards
{
    private readonly List<AzureShard> shards;

    private AzureShards(List<AzureShard> shards) => this.shards = shards;

    /// <summary>All of them, in the order of the configuration.</summary>
    internal IReadOnlyList<AzureShard> All => shards;

    /// <summary>The one that has what is of no message: addresses, accounts, quotas.</summary>
    internal AzureShard First => shards[0];

    /// <summary>Makes the clients as the identity of this process; nothing is asked yet.</summary>
    public static AzureShards Open(RelayOptions options) => Open(options, AzureAccess.OfThisProcess());

    /// <summary>Makes what is missing in an emulator, and looks whether all is there elsewhere.</summary>
    /// <exception cref="SpoolException">Something is missing, or storage cannot be reached; the message says what.</exception>
    public Task EnsureAsync(CancellationToken cancel) => Task.WhenAll(shards.Select(shard => shard.EnsureAsync(cancel)));

    internal static AzureShards Open(RelayOptions options, AzureAccess access) =>
        new([.. options.Shards.Select(shard => AzureShard.Open(shard, access))]);

    /// <summary>
    /// Where a new message belongs: the shard that ranks highest for its id. Each shard has its own order of the ids, so a new one
    /// takes an equal part from all others.
    /// </summary>
    internal AzureShard Of(MessageId id) => shards.Count == 1 ? shards[0] : shards.MaxBy(shard => Rank(shard, id))!;

    /// <summary>Where a message may be: where it belongs, and then the others, which it belonged to before shards were added.</summary>
    internal IEnumerable<AzureShard> LookFor(MessageId id)
    {
        var home = Of(id);
        return [home, .. shards.Where(shard => shard != home)];
    }

    /// <summary>The shard of a name; null when it is no longer there.</summary>
    internal AzureShard? Named(string name) => shards.Find(shard => shard.Name == name);

    private static ulong Rank(AzureShard shard, MessageId id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{shard.Name}/{id}"), hash);
        return BitConverter.ToUInt64(hash);
    }
}
