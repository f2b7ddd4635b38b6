using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Relay.Mail;

namespace Relay.Transport.FinalDelivery;

/// <summary>
/// A container laid out as Maildirs: <c>PLACE/new/NAME</c>, a blob for each message, octet for octet behind the two fields. A blob is
/// there whole or not at all, and the same attempt made twice writes the same blob.
/// </summary>
internal sealed class BlobMailbox(BlobContainerClient container, string hostName) : IMailboxStore
{
    public async Task AddAsync(string place, MailboxMessage message, CancellationToken cancel)
    {
        // Not disposed: the content belongs to the attempt, and other recipients need it too.
        var whole = new HeadedStream(new ContentHead(0, message.Head), message.Content);
        await container.GetBlobClient($"{place}/new/{message.FileName(hostName)}").UploadAsync(
            whole, new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "message/rfc822" } }, cancel);
    }
}
