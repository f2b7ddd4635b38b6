using Azure.Storage.Blobs;
using Relay.Mail;
using Relay.Support;
using Relay.Transport.FinalDelivery;

namespace Relay.Tests.Transport.FinalDelivery;

/// <summary>A mailbox of blobs, in the storage emulator.</summary>
public sealed class BlobMailboxTests
{
    [Fact]
    public async Task A_message_is_one_blob_however_often_it_is_kept()
    {
        var cancel = TestContext.Current.CancellationToken;
        var container = new BlobContainerClient((await Azurite.SharedAsync()).ConnectionString, $"{Azurite.NewPrefix()}mail");
        await container.CreateAsync(cancellationToken: cancel);
        var content = new byte[5 * 1024 * 1024];
        new Random(1).NextBytes(content);
        var head = "Return-Path: <>\r\nDelivered-To: a@example.com\r\n"u8.ToArray();
        var at = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var message = new MailboxMessage(MessageId.New(at), 0, ReversePath.Null, at, head, new MemoryStream(content, writable: false));
        var mailbox = new BlobMailbox(container, "relay.test");

        await mailbox.AddAsync("example.com/%2ea", message, cancel);
        await mailbox.AddAsync("example.com/%2ea", message, cancel);

        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancel))
        {
            names.Add(blob.Name);
        }

        Assert.Equal($"example.com/%2ea/new/{message.FileName("relay.test")}", Assert.Single(names));
        var kept = (await container.GetBlobClient(names[0]).DownloadContentAsync(cancel)).Value;
        Assert.Equal("message/rfc822", kept.Details.ContentType);
        Assert.Equal([.. head, .. content], kept.Content.ToArray());
    }
}
