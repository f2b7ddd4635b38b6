using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Relay.EndToEnd.Clients;

/// <summary>MailKit, the client of .NET programs: it uses every extension that it is offered.</summary>
public sealed class MailKitTests
{
    [Theory]
    [InlineData("PLAIN", true)]
    [InlineData("LOGIN", true)]
    [InlineData("SCRAM-SHA-256", true)]
    [InlineData("SCRAM-SHA-256", false)]
    public async Task MailKit_signs_in_over_tls(string mechanism, bool startTls)
    {
        await using var relay = await ClientRelay.StartAsync();
        using var client = await ConnectAsync(relay, startTls);
        using var letter = await LetterAsync();

        await client.AuthenticateAsync(Mechanism(mechanism));
        await client.SendAsync(letter, new MailboxAddress("", ClientRelay.Account), [new MailboxAddress("", ClientRelay.OtherRecipient)]);
        await client.DisconnectAsync(true);

        Assert.Equal(await WrittenAsync(letter), (await relay.ReceivedAsync("ESMTPSA")).Content);
    }

    [Fact]
    public async Task MailKit_chooses_by_itself_and_pipelines_many_recipients()
    {
        await using var relay = await ClientRelay.StartAsync();
        using var client = await ConnectAsync(relay, startTls: true);
        using var letter = await LetterAsync();
        var recipients = Enumerable.Range(0, 150).Select(n => new MailboxAddress("", $"user{n}@elsewhere.test")).ToArray();

        await client.AuthenticateAsync(ClientRelay.Account, ClientRelay.Password);
        Assert.True(client.Capabilities.HasFlag(SmtpCapabilities.Pipelining));
        await client.SendAsync(letter, new MailboxAddress("", ClientRelay.Account), recipients);

        var mail = await relay.ReceivedAsync("ESMTPSA");
        Assert.Equal(recipients.Select(r => r.Address), mail.Status.Recipients.Select(r => r.Address));
        Assert.Equal(await WrittenAsync(letter), mail.Content);
    }

    [Fact]
    public async Task MailKit_sends_binary_in_chunks_and_no_octet_is_changed()
    {
        await using var relay = await ClientRelay.StartAsync();
        using var client = await ConnectAsync(relay, startTls: true);
        var octets = new byte[3_000_000];
        new Random(7).NextBytes(octets);
        using var message = WithBinary(octets);

        await client.AuthenticateAsync(ClientRelay.Account, ClientRelay.Password);
        Assert.True(client.Capabilities.HasFlag(SmtpCapabilities.Chunking | SmtpCapabilities.BinaryMime));
        await client.SendAsync(message);

        var content = (await relay.ReceivedAsync("ESMTPSA")).Content;
        Assert.Equal(await WrittenAsync(message), content);
        using var stream = new MemoryStream(content);
        using var came = await MimeMessage.LoadAsync(stream);
        var part = Assert.IsType<MimePart>(Assert.IsType<Multipart>(came.Body)[1]);
        Assert.Equal(ContentEncoding.Binary, part.ContentTransferEncoding);
        using var body = new MemoryStream();
        await part.Content!.DecodeToAsync(body);
        Assert.True(octets.AsSpan().SequenceEqual(body.ToArray()), "the binary content was changed");
    }

    [Fact]
    public async Task MailKit_is_told_that_its_password_is_wrong()
    {
        await using var relay = await ClientRelay.StartAsync();
        using var client = await ConnectAsync(relay, startTls: true);

        var refused = await Assert.ThrowsAsync<AuthenticationException>(
            () => client.AuthenticateAsync(new SaslMechanismScramSha256(ClientRelay.Account, "wrong")));

        Assert.StartsWith("535: 5.7.8 ", refused.Message);
    }

    private static async Task<BinarySmtpClient> ConnectAsync(ClientRelay relay, bool startTls)
    {
        using var trusted = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(relay.CertificateFile);
        var thumbprint = trusted.Thumbprint;
        var client = new BinarySmtpClient
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == thumbprint,
        };
        await client.ConnectAsync(
            "127.0.0.1", startTls ? relay.StartTls : relay.Implicit,
            startTls ? SecureSocketOptions.StartTls : SecureSocketOptions.SslOnConnect);
        return client;
    }

    private static SaslMechanism Mechanism(string name) => name switch
    {
        "PLAIN" => new SaslMechanismPlain(ClientRelay.Account, ClientRelay.Password),
        "LOGIN" => new SaslMechanismLogin(ClientRelay.Account, ClientRelay.Password),
        _ => new SaslMechanismScramSha256(ClientRelay.Account, ClientRelay.Password),
    };

    private static async Task<MimeMessage> LetterAsync()
    {
        using var stream = new MemoryStream(Letter.CrLf);
        return await MimeMessage.LoadAsync(stream);
    }

    /// <summary>A message as it went over the wire: sending it has encoded it for what the relay offers.</summary>
    private static async Task<byte[]> WrittenAsync(MimeMessage message)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var stream = new MemoryStream();
        await message.WriteToAsync(format, stream);
        return stream.ToArray();
    }

    private static MimeMessage WithBinary(byte[] octets)
    {
        var message = new MimeMessage { Subject = "binary" };
        message.From.Add(new MailboxAddress("App", ClientRelay.Account));
        message.To.Add(new MailboxAddress("Someone", ClientRelay.OtherRecipient));
        message.Body = new Multipart("mixed")
        {
            new TextPart("plain") { Text = "see the other part" },
            new MimePart("application", "octet-stream")
            {
                Content = new MimeContent(new MemoryStream(octets)),
                ContentTransferEncoding = ContentEncoding.Binary,
            },
        };
        return message;
    }

    /// <summary>MailKit sends by BDAT only what asks for it, or where it is told to prefer it.</summary>
    private sealed class BinarySmtpClient : SmtpClient
    {
        protected override bool PreferSendAsBinaryData => true;
    }
}
