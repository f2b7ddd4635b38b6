using System.Text;

namespace Relay.Fuzz.Checks;

/// <summary>What the cases are made of.</summary>
internal static class CheckSeeds
{
    /// <summary>Whose key signs.</summary>
    public const string Author = "author.example";

    /// <summary>Whose key seals.</summary>
    public const string Forwarder = "forward.example";

    /// <summary>What is put into messages.</summary>
    public static readonly string[] Splices =
    [
        "\r\n", "\n", "\r", "\r\n\r\n", "\r\n ", "\r\n\t", " ", "\t", "\0", ";", ":", ",", "=", "@", ".", "\"", "\\", "(", ")", "<", ">", "[", "]", "\u00e4", "\u00ff", "b=", "bh=", "; l=0", "; l=10", "; x=1",
        "; t=9999999999", "; h=From", "; h=From:From", "; i=@other.example", "; i=51", "; c=simple", "; cv=fail", "; cv=none", "; v=1", "From: Eve <eve@author.example>\r\n",
        "From: <eve@other.example>, <ann@author.example>\r\n", "From : x@author.example\r\n", "from:g:a@b.example;\r\n", "From: =?utf-8?q?ann=40author.example?= <eve@[192.0.2.1]>\r\n", "Subject: owned\r\n", "To:\r\n",
        "DKIM-Signature: v=1; a=rsa-sha256; d=author.example; s=s1; h=From; bh=; b=AA==\r\n", "DKIM-Signature: v=1\r\n", "ARC-Seal: i=1; cv=none\r\n", "ARC-Message-Signature: i=1;\r\n", "ARC-Authentication-Results: i=1; x\r\n",
        "ARC-Authentication-Results: i=2; forward.example; dmarc=pass header.from=author.example\r\n", "Authentication-Results: mx.relay.example; dmarc=pass header.from=author.example\r\n", "Authentication-Results: \"mx.re\\lay.example\" 1; none\r\n",
        "Received: x\r\n", "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n\r\n", "\r\n--b\r\n", "\r\n--b--\r\n", "Content-Transfer-Encoding: base64\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''a%; filename*1=\".exe\"\r\n", "Content-Type: application/zip; name=a.zip\r\n\r\nPK\u0001\u0002", "=?utf-8?b?", "?=", " no field\r\n", "no field\r\n", ": empty\r\n",
    ];

    /// <summary>Records of SPF, and an explanation.</summary>
    public static readonly string[] SpfRecords =
    [
        "v=spf1 ip4:192.0.2.1 -all", "v=spf1 -all", "v=spf1 a:mx.other.example ~all", "v=spf1 +mx a:%{d}/24//64 ptr exists:%{ir}.%{v}._spf.%{d2} include:other.example ~all", "v=spf1 redirect=%{d}", "v=spf1 include:author.example include:forward.example ?all exp=why.%{o}",
        "v=spf1 exists:%{l1r-+,}.%{h}.%{s}.%{p}.author.example a mx ptr:%{p} -all", "v=spf1 ip6:2001:db8::/32 ip4:0.0.0.0/0", "v=spf1 moo", "v=spf1", "%{S} from %{i} %% %_ %- %{c} %{r} %{t} is not ours",
    ];

    /// <summary>Other records that stand in DNS.</summary>
    public static readonly string[] Records =
    [
        "v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; aspf=r; rua=mailto:d@author.example; fo=1:d", "v=DMARC1; p=quarantine; psd=n; t=y", "v=DMARC1; psd=y; p=none", "v=DMARC1; rua=mailto:x@y.example!10m,https://a.example",
        "v=DKIM1; k=rsa; p=", "v=DKIM1; k=ed25519; h=sha1; s=tlsrpt; t=y:s; p=AAAA", "k=rsa; t=s; h=sha256:sha1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK==", "p=MAA=", "https://why.list.example/", "",
    ];

    /// <summary>What is put into records.</summary>
    public static readonly string[] RecordSplices =
    [
        " ", ";", "; ", "=", ":", "/", "//", "%", "%{", "}", "%{d}", "%{i}", "%{L}", "%{p}", "%{hr}", "%{s1000}", "%{ir0}", "-all", " a", " mx", " ptr", " include:author.example", " redirect=author.example", " exp=author.example", "v=spf1", "v=DMARC1;",
        "p=reject;", "p=none", "psd=y;", "t=s;", "\u00e4", "\0", "\"", "\\", ".", "0", "999999999999", "::", "AAAA",
    ];

    /// <summary>Names that questions are about.</summary>
    public static readonly string[] Names =
    [
        Author, Forwarder, "other.example", "mail.author.example", "example", "mx.other.example", "why.author.example", "s1._domainkey.author.example", "s1._domainkey.forward.example", "s2._domainkey.author.example",
        "_dmarc.author.example", "_dmarc.example", "_dmarc.other.example", "_dmarc.mail.author.example", "1.2.0.192.bl.example", "1.0.0.127.bl.example", "author.example.bl.example",
    ];

    /// <summary>Messages that are as they should be.</summary>
    public static readonly string[] Messages = [.. BuiltIn(), .. Suite()];

    private static IEnumerable<string> BuiltIn() =>
    [
        "From: Ann <ann@author.example>\r\nTo: bob@relay.example\r\nSubject: Lunch\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@author.example>\r\n\r\nAt noon?  \r\n\r\nAnn\r\n\r\n\r\n",
        "Received: from a by b; Thu, 01 Jan 2026 00:00:00 +0000\r\nfrom:\"A (n) n\"\r\n\t<ann@mail.author.example>\r\nTO :x@relay.example,\r\n  y@relay.example\r\nSubject: =?utf-8?q?L=C3=BCnch?=\r\n =?utf-8?b?IQ==?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip; name=\"a.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsBAhQAFAAAAAAA\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\ninner\r\n--b--\r\n",
        "From: Team: ann@author.example, bob@author.example;\r\nSender: list@author.example\r\nReply-To: <>\r\nList-Id: <l.author.example>\r\n\r\n",
        "From: ann@author.example\r\n\r\n \t \r\n\r\n",
        "From: ann@author.example\r\nSubject:\r\n\r\n\r\n\r\n\r\n",
        "From: ann@author.example\r\nTo: x\r\n",
    ];

    /// <summary>Those of the MIME suite, where it is there, in the name of our author.</summary>
    private static IEnumerable<string> Suite()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        var suite = Path.Combine(folder ?? "/", "..", "shared", "suites", "mime");
        foreach (var file in Directory.Exists(suite) ? Directory.GetFiles(suite, "*.txt").Order(StringComparer.Ordinal).ToArray() : [])
        {
            var text = Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n").Replace("\n", "\r\n");
            if (text.Length < 20_000 && text.Contains("\r\n\r\n", StringComparison.Ordinal) && !text.StartsWith("From ", StringComparison.Ordinal))
            {
                yield return "From: Ann <ann@author.example>\r\nX-" + text.TrimStart().Replace("\r\nFrom:", "\r\nX-From:", StringComparison.OrdinalIgnoreCase);
            }
        }
    }
}
