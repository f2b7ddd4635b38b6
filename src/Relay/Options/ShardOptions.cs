namespace Relay.Options;

/// <summary>Where messages and the work that is left to do are kept.</summary>
public enum SpoolKind
{
    /// <summary>SQLite in the data folder, for one process.</summary>
    Embedded,

    /// <summary>Azure Storage, for any number of processes.</summary>
    Azure,
}

/// <summary>One shard of the spool on Azure Storage: an account, or a part of one. It has either an account or a connection string.</summary>
public sealed record ShardOptions
{
    /// <summary>The name of the storage account, which the identity of this process may use; null where there is a connection string.</summary>
    public string? Account { get; init; }

    /// <summary>Of the emulator on this machine; null where there is an account.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Stands before the name of every container, queue and table, so that several shards can share an account.</summary>
    public string Prefix { get; init; } = "";
}
