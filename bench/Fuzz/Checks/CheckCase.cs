using System.Globalization;
using System.Net;
using System.Text;
using Relay.Checks;
using Relay.Mail;
using Relay.Support;

namespace Relay.Fuzz.Checks;

/// <summary>One message as it comes to us, with its client and what DNS has.</summary>
/// <param name="Original">As its author's domain let it go; null for a message that was never signed.</param>
/// <param name="Text">As it came; each character is an octet.</param>
/// <param name="IsBent">Somebody changed it, or what DNS has.</param>
/// <param name="Sealed">As the last one who sealed it let it go; null for a message that was never sealed.</param>
internal sealed record CheckCase(string? Original, string? Sealed, string Text, bool IsBent, TableDns Dns, CheckSubject Client);

/// <summary>Makes cases of a seed.</summary>
internal sealed class CheckCases(CheckKeys keys)
{
    public async ValueTask<CheckCase> MakeAsync(Random random)
    {
        var dns = new TableDns();
        var isBent = random.Next(4) != 0;
        var isSigned = random.Next(8) != 0;
        var original = CheckSeeds.Messages[random.Next(CheckSeeds.Messages.Length)];
        var text = isSigned ? await keys.SignedAsync(original) : original;
        string? lastSealed = null;
        for (var hops = random.Next(3); hops > 0; hops--)
        {
            // Who forwards a message may change it, too.
            var isChanged = isBent && random.Next(4) == 0;
            text = lastSealed = await keys.ForwardedAsync(text, content => isChanged ? Bending.Bent(content, random, CheckSeeds.Splices) : content);
        }

        text = isBent && random.Next(4) != 0 ? Bending.Bent(text, random, CheckSeeds.Splices) : text;
        text = isBent && random.Next(32) == 0 ? text.Replace("a=rsa-sha256", "a=rsa-sha1") : text;
        keys.Publish(dns);
        dns.Txt("_dmarc.author.example", "v=DMARC1; p=reject; rua=mailto:d@author.example");
        if (isBent)
        {
            Fill(dns, random);
        }

        return new CheckCase(isSigned ? original : null, lastSealed, text, isBent, dns, Client(random));
    }

    private static void Fill(TableDns dns, Random random)
    {
        dns.Txt(CheckSeeds.Author, Record(random, CheckSeeds.SpfRecords)).Ptr("192.0.2.1", CheckSeeds.Author).A(CheckSeeds.Author, "192.0.2.1");
        for (var records = random.Next(12); records > 0; records--)
        {
            var name = Pick(random, CheckSeeds.Names);
            _ = random.Next(10) switch
            {
                0 => dns.A(name, random.Next(2) == 0 ? "192.0.2.1" : "127.0.0.2"),
                1 => dns.Aaaa(name, "2001:db8::1"),
                2 => dns.Mx(name, random.Next(9), Pick(random, CheckSeeds.Names)),
                3 => dns.Ptr("192.0.2.1", Pick(random, CheckSeeds.Names)),
                4 => dns.Silent(name, random.Next(2) == 0 ? "TXT" : "A"),
                _ => dns.Txt(name, Record(random, random.Next(2) == 0 ? CheckSeeds.SpfRecords : CheckSeeds.Records)),
            };
        }
    }

    private static string Record(Random random, string[] from)
    {
        var record = Pick(random, from);
        return random.Next(2) == 0 ? record : Bending.Bent(record, random, CheckSeeds.RecordSplices, most: 2);
    }

    private static CheckSubject Client(Random random)
    {
        var helo = Pick(random, CheckSeeds.Names);
        var sender = $"ann@{(random.Next(2) == 0 ? CheckSeeds.Author : Pick(random, CheckSeeds.Names))}";
        if (random.Next(3) == 0)
        {
            helo = Bending.Bent(helo, random, CheckSeeds.RecordSplices, most: 2);
            sender = Bending.Bent(sender, random, CheckSeeds.RecordSplices, most: 2);
        }

        return new CheckSubject
        {
            ClientAddress = random.Next(4) switch { 0 => IPAddress.Parse("2001:db8::1"), 1 => null, _ => IPAddress.Parse("192.0.2.1") },
            Helo = helo,
            ReversePath = new ReversePath(random.Next(8) != 0 && Mailbox.TryParse(sender, out var mailbox) ? mailbox : null),
            Id = new MessageId(new Guid(string.Create(CultureInfo.InvariantCulture, $"{random.Next():x8}-0000-7000-8000-000000000000"))),
        };
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
