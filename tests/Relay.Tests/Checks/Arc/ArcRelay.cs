using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Checks.Arc;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Tests.Checks.Arc;

/// <summary>A relay on the way of a message: it checks, writes its fields on top, and seals. All share one key, each in its own name.</summary>
internal sealed class ArcRelay(string domain, TableDns dns)
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    public static readonly string Pem = RSA.Create(2048).ExportPkcs8PrivateKeyPem();

    public static readonly byte[] Message = Encoding.ASCII.GetBytes(
        "Received: from a.example by b.example; Wed, 04 Mar 2026 05:06:07 +0000\r\n" +
        "From: Ann <ann@author.example>\r\nTo: list@forward.example\r\nSubject: Hello\r\n" +
        "Date: Wed, 04 Mar 2026 05:06:07 +0000\r\nMessage-ID: <1@author.example>\r\n\r\nHey gang,\r\nthis is a test.\r\n");

    private static readonly FakeTimeProvider Clock = new(Now);

    public string HostName => $"mx.{domain}";

    public string Domain => domain;

    public ArcSealer Sealer => new(KeyOf(domain), HostName, Clock);

    /// <summary>A key that DNS knows.</summary>
    public static ArcRelay Known(string domain, TableDns dns)
    {
        var key = KeyOf(domain);
        dns.Txt(key.RecordName, key.RecordText);
        return new ArcRelay(domain, dns);
    }

    public static SigningKey KeyOf(string domain) => SigningKey.Parse(domain, "s1", Pem, "test");

    /// <summary>The message with the signature of its author's domain.</summary>
    public static async Task<byte[]> SignedAsync(TableDns dns)
    {
        var key = KeyOf("author.example");
        dns.Txt(key.RecordName, key.RecordText);
        return [.. await new DkimSigner([key], Clock).SignAsync(MessageHeader.Parse(Message), new MemoryStream(Message), default), .. Message];
    }

    /// <summary>What the check finds.</summary>
    public static async Task<ArcCheckResult> CheckAsync(byte[] message, TableDns dns) => (ArcCheckResult)await new ArcCheck(dns, Clock)
        .RunAsync(SubjectOf(message), TestContext.Current.CancellationToken);

    /// <summary>The message as it leaves this hop.</summary>
    /// <param name="change">What it does to the message between checking and sealing, as a mailing list would.</param>
    public async Task<byte[]> ForwardAsync(byte[] message, Func<byte[], byte[]>? change = null)
    {
        var dkim = await new DkimCheck(dns, Clock, TimeSpan.FromSeconds(5)).RunAsync(SubjectOf(message), default);
        var arc = await new ArcCheck(dns, Clock).RunAsync(SubjectOf(message), default);
        byte[] content =
        [
            .. CheckFields.Write(HostName, [dkim, arc]),
            .. Encoding.ASCII.GetBytes($"Received: by {HostName}; Wed, 04 Mar 2026 05:06:07 +0000\r\n"), .. message,
        ];
        content = change?.Invoke(content) ?? content;
        return [.. await SealAsync(Sealer, content), .. content];
    }

    public static async Task<byte[]> SealAsync(ArcSealer sealer, byte[] content) =>
        await sealer.SealAsync(MessageHeader.Parse(content), new MemoryStream(content), isForwarded: false, TestContext.Current.CancellationToken);

    /// <summary>The same with some text put in place of another that stands there.</summary>
    public static byte[] Replace(byte[] message, string old, string @new)
    {
        var text = Encoding.Latin1.GetString(message);
        Assert.Contains(old, text);
        return Encoding.Latin1.GetBytes(text.Replace(old, @new));
    }

    /// <summary>The same without the fields that are chosen.</summary>
    public static byte[] Without(byte[] message, Func<HeaderField, bool> chosen)
    {
        var header = MessageHeader.Parse(message);
        return [.. header.Fields.Where(field => !chosen(field)).SelectMany(field => field.Octets.ToArray()), .. "\r\n"u8, .. message.AsSpan(header.Length)];
    }

    /// <summary>Whether it is a field of ARC of this instance.</summary>
    public static bool IsOf(HeaderField field, int instance) =>
        field.Name.StartsWith("ARC-", StringComparison.Ordinal) && field.Value.StartsWith($"i={instance};", StringComparison.Ordinal);

    private static CheckSubject SubjectOf(byte[] message) => new()
    {
        ClientAddress = IPAddress.Parse("192.0.2.1"),
        Header = MessageHeader.Parse(message),
        Content = new MemoryStream(message),
    };
}
