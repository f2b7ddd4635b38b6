using Azure.Core;
using Azure.Core.Pipeline;

namespace Relay.Tests.Spool.Azure;

/// <summary>What was asked of storage, by what it costs.</summary>
/// <param name="BlobWrites">Blobs and blocks written.</param>
/// <param name="BlobReads">Blobs read.</param>
/// <param name="Queue">Requests to queues.</param>
/// <param name="Table">Requests to tables.</param>
internal readonly record struct Transactions(int BlobWrites, int BlobReads, int Queue, int Table)
{
    public int All => BlobWrites + BlobReads + Queue + Table;
}

/// <summary>Counts requests. What storage does not charge for, the deletion of a blob, is none.</summary>
internal sealed class CountingPolicy : HttpPipelinePolicy
{
    private int blobWrites;
    private int blobReads;
    private int queue;
    private int table;

    public Transactions Counted => new(blobWrites, blobReads, queue, table);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var request = message.Request;
        var path = request.Uri.Path ?? "";
        if (path.Contains("content/", StringComparison.Ordinal))
        {
            _ = request.Method == RequestMethod.Delete ? 0
                : request.Method == RequestMethod.Put ? Interlocked.Increment(ref blobWrites) : Interlocked.Increment(ref blobReads);
        }
        else
        {
            _ = path.Contains("/messages", StringComparison.Ordinal) ? Interlocked.Increment(ref queue) : Interlocked.Increment(ref table);
        }

        return ProcessNextAsync(message, pipeline);
    }
}
