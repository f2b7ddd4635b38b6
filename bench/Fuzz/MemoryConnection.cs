using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Fuzz;

/// <summary>
/// A connection without a socket. The session runs on the thread that sends to it, so that a run is the same each time and
/// each chunk is a read of its own.
/// </summary>
internal sealed class MemoryConnection : ConnectionContext
{
    /// <summary>Small, so that lines lie across segments.</summary>
    private const int SegmentSize = 32;

    private readonly Pipe toServer = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0,
        minimumSegmentSize: SegmentSize, useSynchronizationContext: false));

    private readonly Pipe toClient = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0,
        useSynchronizationContext: false));

    public MemoryConnection(IPAddress client)
    {
        RemoteEndPoint = new IPEndPoint(client, 1025);
        Transport = new DuplexPipe(toServer.Reader, toClient.Writer);
    }

    public override string ConnectionId { get; set; } = "fuzz";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    /// <summary>The server has closed it, or cut it.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Sends; the session has done all that it can do with it when this returns.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> chunk) => await toServer.Writer.WriteAsync(chunk);

    public void EndInput() => toServer.Writer.Complete();

    /// <summary>All that the server has sent.</summary>
    public byte[] Received() => toClient.Reader.TryRead(out var read) ? read.Buffer.ToArray() : [];

    public override void Abort(ConnectionAbortedException abortReason) => IsClosed = true;

    public override ValueTask DisposeAsync()
    {
        IsClosed = true;
        Transport.Output.Complete();
        Transport.Input.Complete();
        return base.DisposeAsync();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
