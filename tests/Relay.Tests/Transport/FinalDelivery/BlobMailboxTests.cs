using Azure.Storage;
using Azure.Storage.Blobs;
using Relay.Mail;
using Relay.Transport.FinalDelivery;

namespace Relay.Tests.Transport.FinalDelivery;

/// <summary>A mailbox of blobs, in the storage emulator that <c>RELAY_TEST_BLOBS</c> names, such as <c>http://127.0.0.1:10000</c>.</summary>
public sealed class BlobMailboxTests
{
    /// <summary>The account that every emulator has; its key is public.</summary>
    private const string Account = "devstoreaccount1";

    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    [Fact]
    public async Task A_message_is_one_blob_however_often_it_is_kept()
    {
        var emulator = Environment.GetEnvironmentVariable("RELAY_TEST_BLOBS");
        Assert.SkipWhen(string.IsNullOrEmpty(emulator), "RELAY_TEST_BLOBS names no storage emulator");
        var cancel = TestContext.Current.CancellationToken;
        var container = new BlobContainerClient(new Uri($"{emulator}/{Account}/mail-{Guid.NewGuid():n}"), new StorageSharedKeyCredential(Account, Key));
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
