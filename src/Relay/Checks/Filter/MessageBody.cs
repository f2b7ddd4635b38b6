using System.Net;

namespace Relay.Checks.Filter;

/// <summary>
/// A message as the body of a request, piece by piece from where it is kept. A client may still be sending when it gives up or
/// has its answer; the content must be nobody's then, since others read it after.
/// </summary>
internal sealed class MessageBody(Stream content) : HttpContent
{
    private const int MaxBlock = 64 * 1024;

    private readonly CancellationTokenSource ended = new();
    private Task copying = Task.CompletedTask;

    /// <summary>Waits until the content is no longer read.</summary>
    public async ValueTask EndAsync()
    {
        await ended.CancelAsync();
        await copying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        copying = CopyAsync(stream, cancellationToken);

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = content.Length;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ended.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task CopyAsync(Stream target, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, ended.Token);
        content.Position = 0;
        await content.CopyToAsync(target, MaxBlock, either.Token);
    }
}
