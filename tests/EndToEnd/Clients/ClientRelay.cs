using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Mail;
using Relay.Options;
using Relay.Status;
using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>
/// A relay that trusts no network: on its MTA port everybody reaches our own domain, on the submission ports an account
/// reaches all. What it takes is captured.
/// </summary>
internal sealed class ClientRelay : IAsyncDisposable
{
    /// <summary>The account, which is the reverse-path of every client as well.</summary>
    public const string Account = "app@example.com";

    /// <summary>Its password.</summary>
    public const string Password = "Correct-Horse.9+staple";

    /// <summary>In our own domain.</summary>
    public const string OwnRecipient = "someone@example.net";

    /// <summary>Where only an account can send to.</summary>
    public const string OtherRecipient = "someone@elsewhere.test";

    private readonly WholeRelay relay;
    private readonly string folder;

    private readonly LoopbackDns dns;

    private ClientRelay(WholeRelay relay, LoopbackDns dns, string folder)
    {
        this.relay = relay;
        this.dns = dns;
        this.folder = folder;
    }

    /// <summary>The port of the MTA, without TLS.</summary>
    public int Plain => relay.PortOf(0);

    /// <summary>The port for submission by STARTTLS.</summary>
    public int StartTls => relay.PortOf(1);

    /// <summary>The port for submission by implicit TLS.</summary>
    public int Implicit => relay.PortOf(2);

    /// <summary>The certificate for localhost and 127.0.0.1, as a PEM file for clients to trust.</summary>
    public string CertificateFile => Path.Combine(folder, "certificate.pem");

    public static async Task<ClientRelay> StartAsync()
    {
        var folder = SharedFolder.Create("relay-clients-");
        var data = Path.Combine(folder, "data");
        await AddAccountAsync(data);
        var certificate = await WriteCertificateAsync(folder);
        var dns = LoopbackDns.Start();
        var relay = await WholeRelay.StartAsync(
            o => o with
            {
                Dns = dns.Options,
                Smtp = o.Smtp with
                {
                    Listeners =
                    [
                        Listener(ListenerRole.Mta, ListenerTls.Off),
                        Listener(ListenerRole.Submission, ListenerTls.StartTls),
                        Listener(ListenerRole.Submission, ListenerTls.Implicit),
                    ],
                    TrustedNetworks = [],
                },
                Certificates = [certificate],
                Domains = [new DomainOptions { Name = "example.net" }],
            },
            data);
        return new ClientRelay(relay, dns, folder);
    }

    /// <summary>The one message that came in, once it is captured. Asserts how it came in and by whom; gives what the client sent.</summary>
    /// <param name="protocol">Such as ESMTPSA (RFC 3848).</param>
    public async Task<ReceivedMail> ReceivedAsync(string protocol)
    {
        StatusPage page;
        do
        {
            page = await relay.SearchAsync(new StatusQuery { Limit = 10, State = RecipientState.Delivered });
        }
        while (page.Messages.Count == 0);

        Assert.True(MessageId.TryParse(Assert.Single(page.Messages).Id, out var id));
        var status = await relay.FinalAsync(id);
        Assert.All(status.Recipients, r => Assert.Equal(Reasons.Captured, r.Reason));
        Assert.Equal(Account, status.Sender);
        Assert.Equal(protocol, status.Origin.Protocol);
        Assert.Equal(protocol.EndsWith('A') ? Account : null, status.Origin.Account);
        Assert.Equal("127.0.0.1", status.Origin.ClientAddress);
        return new ReceivedMail(status, WithoutTrace(await relay.ContentAsync(id), protocol));
    }

    /// <summary>A file in the folder of this relay, gone with it.</summary>
    public async Task<string> WriteAsync(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllBytesAsync(path, content);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await relay.DisposeAsync();
        await dns.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static ListenerOptions Listener(ListenerRole role, ListenerTls tls) =>
        new() { Address = new IPEndPoint(IPAddress.Loopback, 0), Role = role, Tls = tls };

    /// <summary>As an operator does it: by the command line.</summary>
    private static async Task AddAccountAsync(string data)
    {
        var added = await Client.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "relay.dll"), "account", "add", Account, "--password-stdin", "--data", data],
            Password + "\n");
        Assert.True(added.ExitCode == 0, added.Output);
    }

    private static async Task<CertificateOptions> WriteCertificateAsync(string folder)
    {
        using var certificate = TestCertificate.For("localhost", "127.0.0.1");
        using var key = certificate.GetECDsaPrivateKey()!;
        var options = new CertificateOptions
        {
            File = Path.Combine(folder, "certificate.pem"),
            KeyFile = Path.Combine(folder, "key.pem"),
        };
        await File.WriteAllTextAsync(options.File, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(options.KeyFile, key.ExportPkcs8PrivateKeyPem());
        return options;
    }

    /// <summary>
    /// The content without the field that Relay writes, and without those that tell what the checks of a stranger found; their
    /// continuation lines begin with a tab.
    /// </summary>
    private static byte[] WithoutTrace(byte[] content, string protocol)
    {
        var begin = content.AsSpan().IndexOf("Received: from "u8);
        Assert.True(protocol.EndsWith('A') ? begin == 0 : content.AsSpan().StartsWith("Authentication-Results: relay.test;"u8));
        content = content[begin..];
        var end = 0;
        do
        {
            end += content.AsSpan(end).IndexOf("\r\n"u8) + 2;
        }
        while (end < content.Length && content[end] == '\t');

        var field = System.Text.Encoding.Latin1.GetString(content, 0, end);
        Assert.StartsWith("Received: from ", field);
        Assert.Contains($" with {protocol} id ", field);
        Assert.DoesNotContain("Received:", field[9..]);
        return content[end..];
    }
}

/// <summary>What came in.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Content">What the client sent, by the relay's own record.</param>
internal sealed record ReceivedMail(MessageStatus Status, byte[] Content);
