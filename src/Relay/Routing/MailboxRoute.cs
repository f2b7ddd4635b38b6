namespace Relay.Routing;

/// <summary>What only a mailbox route has: where the mail of a recipient is kept.</summary>
public sealed record MailboxRoute
{
    /// <summary>How.</summary>
    public MailboxFormat Format { get; init; }

    /// <summary>
    /// The folder of a Maildir, the file of an mbox, or the place in a container: <c>{local}</c> stands for what is before the @ without
    /// its detail, <c>{domain}</c> for what is behind it.
    /// </summary>
    public string Path { get; init; } = "{domain}/{local}";

    /// <summary>The container of blobs; null for other formats.</summary>
    public Uri? Container { get; init; }
}

/// <summary>How a mailbox is kept.</summary>
public enum MailboxFormat
{
    /// <summary>A file for each message, in a folder <c>new</c>.</summary>
    Maildir,

    /// <summary>One file for all (mboxrd).</summary>
    Mbox,

    /// <summary>A blob for each message, named as in a Maildir.</summary>
    Blob,
}
