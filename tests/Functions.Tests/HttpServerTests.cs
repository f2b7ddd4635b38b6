using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Hosting;
using Relay.Options;
using Relay.Support;

namespace Relay.Functions.Tests;

public sealed class HttpServerTests
{
    [Fact]
    public async Task It_listens_where_the_options_say_whatever_the_variables_of_the_web_framework_say()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.2:1");
        Environment.SetEnvironmentVariable("ASPNETCORE_HTTP_PORTS", "1");
        Environment.SetEnvironmentVariable("URLS", "http://127.0.0.2:1");

        await using var server = await RunningServer.StartAsync();

        Assert.Equal(IPAddress.Loopback, server.Address.Address);
        Assert.NotEqual(0, server.Address.Port);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
    }

    /// <summary>DNS rebinding: the name is a stranger's, the address is ours.</summary>
    [Theory]
    [InlineData("evil.example", "/messages", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:8025", "/aliases/a@example.com", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", "/healthz", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example", "/events/acs", HttpStatusCode.MethodNotAllowed)]
    [InlineData("LocalHost:8025", "/healthz", HttpStatusCode.OK)]
    [InlineData("[::1]:8025", "/healthz", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "/healthz", HttpStatusCode.OK)]
    [InlineData("relay.example.com", "/healthz", HttpStatusCode.OK)]
    public async Task On_loopback_it_answers_to_no_name_of_strangers(string host, string path, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync(eventsKey: "key");
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };

        Assert.Equal(status, (await server.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task It_listens_on_IPv6()
    {
        var options = new RelayOptions { HostName = "a", Data = "", Http = new HttpOptions { Listener = new IPEndPoint(IPAddress.IPv6Loopback, 0) } };
        await using var server = new HttpServer(options, new TestSpool(), new TestAccounts(), new MemoryAddressBook(), new Readiness(), TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(default);

        using var client = new HttpClient();

        Assert.Equal(IPAddress.IPv6Loopback, server.Address.Address);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"http://{server.Address}/healthz")).StatusCode);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_an_IOException()
    {
        await using var first = await RunningServer.StartAsync();
        var options = new RelayOptions { HostName = "a", Data = "", Http = new HttpOptions { Listener = first.Address } };
        await using var second = new HttpServer(options, new TestSpool(), new TestAccounts(), new MemoryAddressBook(), new Readiness(), TimeProvider.System, NullLoggerFactory.Instance);

        await Assert.ThrowsAsync<IOException>(() => second.StartAsync(default));
    }

    [Fact]
    public async Task After_a_stop_nobody_is_answered()
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
        var address = server.Address;

        await server.StopAsync();

        using var socket = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address));
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /messages/a HTTP/1.1\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 405")]
    public async Task Bad_http_gets_an_answer_and_the_server_goes_on(string request, string answer)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));

        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);

        Assert.StartsWith(answer, await reader.ReadLineAsync());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/healthz")).StatusCode);
        Assert.Empty(server.Logs.Errors);
    }
}
