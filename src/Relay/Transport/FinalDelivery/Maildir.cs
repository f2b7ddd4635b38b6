using Relay.Spool.Embedded;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// A Maildir: written and synced in <c>tmp</c>, then renamed into <c>new</c>, so that a reader sees whole messages only and nothing has
/// to be locked.
/// </summary>
internal sealed class Maildir(string hostName) : IMailboxStore
{
    public async Task AddAsync(string place, MailboxMessage message, CancellationToken cancel)
    {
        var (temporary, @new) = (Path.Combine(place, "tmp"), Path.Combine(place, "new"));
        foreach (var folder in (ReadOnlySpan<string>)[temporary, @new, Path.Combine(place, "cur")])
        {
            DataFolder.Create(folder);
        }

        var name = message.FileName(hostName);
        var file = Path.Combine(temporary, name);
        await using (var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await FinalContent.WriteLinesAsync(output, message.Head, message.Content, quoteFrom: false, cancel);
            output.Flush(flushToDisk: true);
        }

        File.Move(file, Path.Combine(@new, name), overwrite: true);
        DataFolder.Sync(@new);
    }
}
