using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Relay.Tests.Spool.Azure;

/// <summary>How a request goes wrong.</summary>
public enum Cut
{
    /// <summary>It never reaches storage.</summary>
    BeforeRequest,

    /// <summary>Storage does it, and the answer is lost.</summary>
    AfterRequest,
}

/// <summary>Breaks the n-th request and all that follow, as the end of the process, or of the way to storage, does at that moment.</summary>
internal sealed class FaultPolicy : HttpPipelinePolicy
{
    private int left = int.MaxValue;
    private Cut cut;

    /// <summary>Requests until now.</summary>
    public int Requests { get; private set; }

    /// <summary>True once something was cut.</summary>
    public bool HasCut { get; private set; }

    /// <summary>From the n-th request on, counted from 0, nothing works; that one goes wrong in the way that is given.</summary>
    public void CutAt(int n, Cut how) => (left, cut, HasCut) = (n, how, false);

    /// <summary>Everything works again.</summary>
    public void Heal() => left = int.MaxValue;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Requests++;
        var isOver = left < 0;
        var isNow = left-- == 0;
        if (isOver || (isNow && cut == Cut.BeforeRequest))
        {
            HasCut = true;
            throw new RequestFailedException("cut before the request");
        }

        await ProcessNextAsync(message, pipeline);
        if (isNow)
        {
            HasCut = true;
            throw new RequestFailedException("cut after the request");
        }
    }
}
