using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Relay.Support;

namespace Relay.Tests.Certificates;

/// <summary>What the server agrees to in a handshake, whichever certificate it is.</summary>
public sealed class TlsProtocolTests : IAsyncDisposable
{
    /// <summary>TLS 1.1, whose name the compiler refuses just as the server must.</summary>
    private static readonly SslProtocols Outdated = Enum.Parse<SslProtocols>("Tls11");

    private readonly CertificateFolder files = new();

    public ValueTask DisposeAsync() => files.DisposeAsync();

    [Fact]
    public async Task Tls_1_1_is_refused()
    {
        var store = await files.OpenAsync(files.WriteNew("mail.pem", "mail.example"));
        var options = store.OptionsFor("mail.example");
        var permissive = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = options.ServerCertificateContext,
            EnabledSslProtocols = Outdated,
        };
        await using var old = new TlsServer((stream, cancel) => stream.AuthenticateAsServerAsync(permissive, cancel));
        await using var server = new TlsServer(store);
        Assert.SkipUnless(await SpeaksAsync(old), "this machine has no TLS 1.1 to try");

        Assert.False(await SpeaksAsync(server));
    }

    [Theory]
    [InlineData("15 0301 0002 0228")]
    [InlineData("17 0303 0004 00000000")]
    [InlineData("16 0301 0004 02000000")]
    [InlineData("16 0301 0004 01000000")]
    [InlineData("4548 4c4f 2061 0d0a")]
    [InlineData("80 2e 01 0301 0015 0000 0010")]
    [InlineData("")]
    public async Task Whatever_comes_in_place_of_a_ClientHello_is_a_failed_handshake_and_nothing_worse(string octets)
    {
        await using var server = new TlsServer(await files.OpenAsync(files.WriteNew("mail.pem", "mail.example")));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);

        var stream = client.GetStream();
        await stream.WriteAsync(Convert.FromHexString(octets.Replace(" ", "")));
        client.Client.Shutdown(SocketShutdown.Send);
        await stream.CopyToAsync(Stream.Null);

        Assert.Equal(["mail.example"], await server.NamesShownAsync("mail.example", files.Authority));
    }

    [Fact]
    public async Task No_renegotiation_and_no_client_certificate_whatever_the_platform_would_do()
    {
        var options = (await files.OpenAsync(files.WriteNew("mail.pem", "mail.example"))).OptionsFor(null);

        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, options.EnabledSslProtocols);
        Assert.Equal(EncryptionPolicy.RequireEncryption, options.EncryptionPolicy);
        Assert.False(options.AllowRenegotiation);
        Assert.False(options.ClientCertificateRequired);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_that_comes_back_resumes_its_session(string version)
    {
        var openssl = Needs.Program("openssl", "openssl");
        await using var server = new TlsServer(await files.OpenAsync(
            files.WriteNew("1.pem", "first.example"), files.WriteNew("2.pem", "mail.example")));
        var session = files.PathOf("session");

        var first = await ConnectAsync(openssl, server, version, "-sess_out", session);
        var second = await ConnectAsync(openssl, server, version, "-sess_in", session);

        Assert.Contains("New, TLSv1", first);
        Assert.Contains("Reused, TLSv1", second);
    }

    private async Task<bool> SpeaksAsync(TlsServer server)
    {
        try
        {
            using var client = await server.ConnectAsync("mail.example", files.Authority, Outdated);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or Win32Exception or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>What openssl says of a connection on which one line came back.</summary>
    private static async Task<string> ConnectAsync(string openssl, TlsServer server, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            openssl, ["s_client", "-connect", $"127.0.0.1:{server.Port}", "-servername", "mail.example", "-nocommands", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var client = Process.Start(start)!;
        var trouble = client.StandardError.ReadToEndAsync();
        await client.StandardInput.WriteLineAsync("come back");
        var said = "";
        while (await client.StandardOutput.ReadLineAsync() is { } line && line != "come back")
        {
            said += line + "\n";
        }

        client.StandardInput.Close();
        said += await client.StandardOutput.ReadToEndAsync() + await trouble;
        await client.WaitForExitAsync();
        return said;
    }
}
