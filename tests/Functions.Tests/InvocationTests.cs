using System.Text;
using Microsoft.AspNetCore.Http;
using Relay.Functions.Triggers;

namespace Relay.Functions.Tests;

public sealed class InvocationTests
{
    [Theory]
    [InlineData("""{"Data":{"message":"eyJhIjoxfQ=="},"Metadata":{"DequeueCount":"\"3\""}}""", "eyJhIjoxfQ==", 3)]
    [InlineData("""{"Data":{"message":"\"{\\\"a\\\":1}\""},"Metadata":{"DequeueCount":"1"}}""", """{"a":1}""", 1)]
    [InlineData("""{"Data":{"message":"{\"a\":1}"},"Metadata":{"DequeueCount":1}}""", """{"a":1}""", 1)]
    [InlineData("""{"Data":{"message":{"a":1}},"Metadata":{}}""", """{"a":1}""", 2)]
    [InlineData("""{"Data":{"message":"x"},"Metadata":{"DequeueCount":"{\"a\":1}"}}""", "x", 2)]
    [InlineData("""{"Data":{"message":"x"},"Metadata":{"DequeueCount":"-1"}}""", "x", 2)]
    [InlineData("""{"Data":{"message":"x"}}""", "x", 2)]
    [InlineData("""{"Data":{"message":"\"x"}}""", "\"x", 2)]
    [InlineData("""{"Data":{"timer":{"IsPastDue":false}},"Metadata":"none"}""", null, 2)]
    [InlineData("{}", null, 2)]
    public void The_message_is_found_in_strings_of_strings_and_a_count_that_makes_no_sense_is_not_the_first(string body, string? message, int count) =>
        Assert.Equal(new Invocation(message, count), Invocation.Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    public void What_is_no_object_is_no_invocation(string body) => Assert.Null(Invocation.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void An_invocation_is_chunked_to_loopback_and_nothing_that_the_world_can_have_forwarded()
    {
        Assert.True(TriggerEndpoint.IsOfHost(Request()));
        Assert.False(TriggerEndpoint.IsOfHost(Request(r => r.Host = new HostString("relay.azurewebsites.net"))));
        Assert.False(TriggerEndpoint.IsOfHost(Request(r => (r.Headers.TransferEncoding, r.ContentLength) = ("", 2))));
        Assert.False(TriggerEndpoint.IsOfHost(Request(r => r.Headers["X-Forwarded-For"] = "192.0.2.1")));
        Assert.False(TriggerEndpoint.IsOfHost(Request(r => r.Headers.Remove("X-Azure-Functions-InvocationId"))));
    }

    private static HttpRequest Request(Action<HttpRequest>? change = null)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("127.0.0.1", 5000);
        request.Headers.TransferEncoding = "chunked";
        request.Headers["X-Azure-Functions-InvocationId"] = "1";
        change?.Invoke(request);
        return request;
    }
}
