using System.Net;

namespace Relay.Checks.Filter;

/// <summary>
/// A message as the body of a request, piece by piece from where it is kept. Unlike the framework's own it leaves the content
/// open, and can be sent again over another connection.
/// </summary>
internal sealed class MessageBody(Stream content) : HttpContent
{
    private const int MaxBlock = 64 * 1024;

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        content.Position = 0;
        return content.CopyToAsync(stream, MaxBlock, cancellationToken);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = content.Length;
        return true;
    }
}
