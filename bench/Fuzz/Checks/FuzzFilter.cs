using System.Net;
using System.Text;

namespace Relay.Fuzz.Checks;

/// <summary>A filter that answers by chance, and seldom with sense.</summary>
internal sealed class FuzzFilter(Random random) : HttpMessageHandler
{
    private const string Answer =
        """{"action":"add header","score":7.4,"required_score":15,"symbols":{"A":{"score":1.5},"B":{}},"messages":{"smtp_message":"Go away"}}""";

    private static readonly string[] Splices =
        ["{", "}", "[", "]", ",", ":", "\"", "null", "1e999", "-0", "\\u0000", "\\ud800", "\r\n", "no action", "reject", "soft reject", "quarantine", "\u00e4"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
        return new HttpResponseMessage(random.Next(16) == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(Encoding.Latin1.GetBytes(random.Next(4) == 0 ? Answer : Bending.Bent(Answer, random, Splices))),
        };
    }
}
