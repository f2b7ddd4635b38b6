using Microsoft.Extensions.Logging.Abstractions;
using Relay.Mail;
using Relay.Spool;
using Relay.Spool.Embedded;

namespace Relay.Tests.Spool;

public sealed class EmbeddedContentTests : ContentContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-content-").FullName;

    protected override ISpool Open() => EmbeddedSpool.Open(folder, Time, NullLogger<EmbeddedSpool>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_file_of_large_content_is_not_touched_by_its_head()
    {
        var octets = Octets(100_000);
        var message = Message();
        await using (var content = await WriteAsync(message.Id, octets))
        {
            content.ReplaceHead(10, "head"u8.ToArray());
            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal(octets, await File.ReadAllBytesAsync(Assert.Single(Files)));
    }

    [Fact]
    public async Task Content_that_its_head_makes_too_large_for_a_row_gets_a_file()
    {
        var message = Message();
        await using (var content = await WriteAsync(message.Id, Octets(SpillingContent.InlineLimit)))
        {
            content.ReplaceHead(0, "x"u8.ToArray());
            await Spool.AcceptAsync(message, content);
        }

        Assert.Equal(SpillingContent.InlineLimit + 1, new FileInfo(Assert.Single(Files)).Length);
    }

    [Fact]
    public async Task Content_that_is_given_up_while_it_is_looked_at_leaves_no_file()
    {
        var content = await WriteAsync(MessageId.New(Start), Octets(100_000));
        await using var look = await content.OpenReadAsync(default);

        await content.DisposeAsync();

        Assert.Empty(Files);
    }

    [Fact]
    public async Task Content_whose_file_is_gone_cannot_be_looked_at()
    {
        await using var content = await WriteAsync(MessageId.New(Start), Octets(100_000));
        File.Delete(Assert.Single(Files));

        var e = await Assert.ThrowsAsync<SpoolException>(async () => await content.OpenReadAsync(default));

        Assert.Equal(SpoolFault.Unavailable, e.Fault);
    }

    [Fact]
    public async Task Who_still_looks_at_small_content_that_is_over_sees_that_content_and_no_other()
    {
        var octets = Octets(8000);
        var content = await WriteAsync(MessageId.New(Start), octets);
        await using var look = await content.OpenReadAsync(default);
        await content.DisposeAsync();
        await using var other = await WriteAsync(MessageId.New(Start), new byte[8000]);

        Assert.Equal(octets, await ReadAsync(look));
    }

    private string[] Files => Directory.GetFiles(System.IO.Path.Combine(folder, "content"));
}
