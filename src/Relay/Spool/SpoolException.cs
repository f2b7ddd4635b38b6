namespace Relay.Spool;

/// <summary>Why the spool could not do what was asked of it. All of them are temporary for a client.</summary>
public enum SpoolFault
{
    /// <summary>No room: <c>451 4.3.1</c>.</summary>
    Full,

    /// <summary>The store is broken, gone or closed: <c>451 4.3.0</c>.</summary>
    Unavailable,

    /// <summary>Another process has the data folder open.</summary>
    InUse,

    /// <summary>What was read is not what was written.</summary>
    Corrupt,
}

/// <summary>The spool could not do what was asked of it; nothing was changed.</summary>
public sealed class SpoolException(SpoolFault fault, string message, Exception? cause = null) : IOException(message, cause)
{
    /// <summary>What kind of trouble it is.</summary>
    public SpoolFault Fault { get; } = fault;
}
