using System.Security.Cryptography;
using System.Text;
using Relay.Checks;
using Relay.Checks.Arc;
using Relay.Checks.Dkim;
using Relay.Mail;
using Relay.Signing;
using Relay.Support;

namespace Relay.Fuzz.Checks;

/// <summary>Who signs and seals: the author with an RSA and an Ed25519 key, one who forwards, and we.</summary>
internal sealed class CheckKeys
{
    public const string HostName = "mx.relay.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SigningKey[] author;
    private readonly SigningKey forwarder;
    private readonly ArcSealer forwarding;

    public CheckKeys()
    {
        // Long keys would only take time: the shortest that count are as good here.
        var pem = PrivateKeyPem.NewRsa(1024);
        author =
        [
            SigningKey.Parse(CheckSeeds.Author, "s1", pem, "fuzz"),
            SigningKey.Parse(CheckSeeds.Author, "s2", PrivateKeyPem.NewEd25519(RandomNumberGenerator.Create()), "fuzz"),
        ];
        forwarder = SigningKey.Parse(CheckSeeds.Forwarder, "s1", pem, "fuzz");
        forwarding = new ArcSealer(forwarder, ForwarderName, TimeProvider.System);
        Signer = new DkimSigner(author, TimeProvider.System);
        Sealer = new ArcSealer(forwarder, HostName, TimeProvider.System);
    }

    public DkimSigner Signer { get; }

    /// <summary>Ours.</summary>
    public ArcSealer Sealer { get; }

    private static string ForwarderName => $"mx.{CheckSeeds.Forwarder}";

    /// <summary>DNS that has the keys and nothing else.</summary>
    public TableDns Dns()
    {
        var dns = new TableDns();
        Publish(dns);
        return dns;
    }

    public void Publish(TableDns dns)
    {
        foreach (var key in author.Append(forwarder))
        {
            dns.Txt(key.RecordName, key.RecordText);
        }
    }

    public async ValueTask<string> SignedAsync(string text) => await SignAsync(text) + text;

    public async ValueTask<string> SignAsync(string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        return Encoding.Latin1.GetString(await Signer.SignAsync(MessageHeader.Parse(octets), new MemoryStream(octets), default));
    }

    /// <summary>The message as it goes on from the forwarder, who checks and seals it.</summary>
    /// <param name="change">What it does to the message between checking and sealing.</param>
    public async ValueTask<string> ForwardedAsync(string text, Func<string, string> change)
    {
        var dns = Dns();
        var subject = Subject(text);
        var found = new[]
        {
            await new DkimCheck(dns, TimeProvider.System, Patience).RunAsync(subject, default),
            await new ArcCheck(dns, TimeProvider.System).RunAsync(subject, default),
        };
        return await SealedAsync(forwarding, $"{Encoding.ASCII.GetString(CheckFields.Write(ForwarderName, found))}Received: by {ForwarderName}; now\r\n{change(text)}");
    }

    public static async ValueTask<string> SealedAsync(ArcSealer sealer, string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        return Encoding.Latin1.GetString(await sealer.SealAsync(MessageHeader.Parse(octets), new MemoryStream(octets), isForwarded: false, default)) + text;
    }

    public static CheckSubject Subject(string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        return new CheckSubject { Header = MessageHeader.Parse(octets), Content = new MemoryStream(octets) };
    }
}
