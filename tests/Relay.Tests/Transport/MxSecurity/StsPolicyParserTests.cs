using System.Text;
using Relay.Transport.MxSecurity;

namespace Relay.Tests.Transport.MxSecurity;

/// <summary>RFC 8461 §3.1, §3.2 and §4.1.</summary>
public sealed class StsPolicyParserTests
{
    private const string Rest = "version: STSv1\nmode: enforce\nmx: mx.example.com\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_policy_is_read_with_either_line_end(string end)
    {
        var text = string.Join(end, "version: STSv1", "mode: enforce", "mx: Mail.Example.com", "mx: *.example.net", "max_age: 604800", "");

        var policy = Read(text);

        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(7)), (policy.Mode, policy.MaxAge));
        Assert.Equal(["mail.example.com", "*.example.net"], policy.Mx);
    }

    [Theory]
    [InlineData("mode:testing\nmx:a.example\nmax_age:1\nversion:STSv1", "testing", 1)]
    [InlineData("version: STSv1\nmode: none\nmax_age: 86400", "none", 86400)]
    [InlineData("version: STSv1 \t\nmode: \t enforce\nmx: a.example \nmax_age: 10\n\n", "enforce", 10)]
    [InlineData("version: STSv1\nmode: enforce\nmode: none\nmx: a.example\nmax_age: 10\nmax_age: 20\nversion: STSv2", "enforce", 10)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 10\nnew-field_1.x: what ever é", "enforce", 10)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557601", "enforce", 31557600)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 9999999999", "enforce", 31557600)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 0", "enforce", 0)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 10", "enforce", 10)]
    public void What_the_grammar_allows_is_read(string text, string mode, int seconds)
    {
        var policy = Read(text);

        Assert.Equal((mode, seconds), (StsPolicyText.Word(policy.Mode), (int)policy.MaxAge.TotalSeconds));
    }

    [Fact]
    public void A_fault_repeats_only_the_beginning_of_what_is_wrong()
    {
        Assert.False(StsPolicyParser.TryParse(Encoding.UTF8.GetBytes($"{Rest}mx: {new string('_', 60_000)}\nmax_age: 10"), out _, out var fault));

        Assert.InRange(fault.Length, 1, 200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 10")]
    [InlineData("version: stsv1\nmode: enforce\nmx: a.example\nmax_age: 10")]
    [InlineData("Version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 10")]
    [InlineData("mode: enforce\nmx: a.example\nmax_age: 10")]
    [InlineData("version: STSv1\nmx: a.example\nmax_age: 10")]
    [InlineData("version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 10")]
    [InlineData("version: STSv1\nmode: report\nmx: a.example\nmax_age: 10")]
    [InlineData("version: STSv1\nmode:\nmx: a.example\nmax_age: 10")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 10")]
    [InlineData(Rest + "max_age: -1")]
    [InlineData(Rest + "max_age: +1")]
    [InlineData(Rest + "max_age: 1.5")]
    [InlineData(Rest + "max_age: 1e3")]
    [InlineData(Rest + "max_age: 12345678901")]
    [InlineData(Rest + "max_age: ten")]
    [InlineData(Rest + "max_age 10")]
    [InlineData(Rest + "max_age: 10\n: x")]
    [InlineData(Rest + "max_age: 10\n no: x")]
    [InlineData(Rest + "max_age: 10\nvery-very-very-very-very-long-name: x")]
    [InlineData(Rest + "max_age: 10\nx: a\0b")]
    [InlineData(Rest + "max_age: 10\rx: a")]
    [InlineData(Rest + "max_age: 10\nmx: *")]
    [InlineData(Rest + "max_age: 10\nmx: *.*.example")]
    [InlineData(Rest + "max_age: 10\nmx: a.*.example")]
    [InlineData(Rest + "max_age: 10\nmx: *a.example")]
    [InlineData(Rest + "max_age: 10\nmx: .example")]
    [InlineData(Rest + "max_age: 10\nmx: a..example")]
    [InlineData(Rest + "max_age: 10\nmx: a.example.")]
    [InlineData(Rest + "max_age: 10\nmx: a b.example")]
    [InlineData(Rest + "max_age: 10\nmx: bücher.example")]
    [InlineData(Rest + "max_age: 10\nmx: [192.0.2.1]")]
    [InlineData(Rest + "max_age: 10\nmx: a.example, b.example")]
    [InlineData("\ufeff" + Rest + "max_age: 10")]
    public void Anything_else_is_no_policy_and_the_fault_is_told(string text)
    {
        Assert.False(StsPolicyParser.TryParse(Encoding.UTF8.GetBytes(text), out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void What_is_no_UTF8_is_no_policy() =>
        Assert.False(StsPolicyParser.TryParse([.. "x: "u8, 0xff, .. Encoding.ASCII.GetBytes("\n" + Rest + "max_age: 10")], out _, out _));

    [Fact]
    public void No_octets_make_it_fail()
    {
        var random = new Random(8461);
        var policy = Encoding.UTF8.GetBytes(Rest + "max_age: 604800\nx-new: é\n");
        for (var round = 0; round < 20_000; round++)
        {
            var octets = policy.ToArray();
            for (var change = random.Next(4); change >= 0; change--)
            {
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            }

            var cut = octets.AsSpan(0, random.Next(octets.Length + 1));
            Assert.True(StsPolicyParser.TryParse(cut, out var read, out var fault) ? read.Mx.Count > 0 || read.Mode == StsMode.None : fault.Length > 0);
        }
    }

    [Fact]
    public void The_text_of_a_policy_reads_back_the_same()
    {
        var policy = Read("version: STSv1\nmode: testing\nmx: a.example\nmx: *.b.example\nmax_age: 77");

        var again = Read(StsPolicyText.Of(policy));

        Assert.Equal((policy.Mode, policy.MaxAge), (again.Mode, again.MaxAge));
        Assert.Equal(policy.Mx, again.Mx);
    }

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", true)]
    [InlineData("mail.example.com", "MAIL.example.COM", true)]
    [InlineData("mail.example.com", "mail.example.com.", true)]
    [InlineData("mail.example.com", "xmail.example.com", false)]
    [InlineData("*.example.com", "mail.example.com", true)]
    [InlineData("*.example.com", "Mail.Example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("*.example.com", "a.mail.example.com", false)]
    [InlineData("*.example.com", "mail.notexample.com", false)]
    [InlineData("*.example.com", "mail.example.com.evil.test", false)]
    public void A_wildcard_stands_for_one_label(string pattern, string host, bool matches) =>
        Assert.Equal(matches, new StsPolicy(StsMode.Enforce, TimeSpan.Zero, [pattern]).Matches(host));

    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=1", "1")]
    [InlineData("v=STSv1 ; id=a1 ; x-y.z_=w", "a1")]
    [InlineData("v=STSv1; id=a; id=b", "a")]
    [InlineData("v=STSv1; id=12345678901234567890123456789012", "12345678901234567890123456789012")]
    [InlineData("v=STSv1; id=123456789012345678901234567890123", null)]
    [InlineData("v=STSv1; id=", null)]
    [InlineData("v=STSv1; id=a-b", null)]
    [InlineData("v=STSv1; id=é", null)]
    [InlineData("v=STSv1;", null)]
    [InlineData("v=STSv1", null)]
    [InlineData("v=STSv1; id=1; broken", null)]
    public void The_id_stands_in_the_record(string text, string? id) => Assert.Equal(id, StsRecord.IdOf(text));

    [Theory]
    [InlineData("7", "v=STSv1; id=7;", "other")]
    [InlineData(null, "v=STSv1; id=7;", "v=STSv1; id=8;")]
    [InlineData(null, "v=STSv2; id=7;")]
    [InlineData(null, "v=STSv12; id=7;")]
    public void There_must_be_one_record_of_its_kind(string? id, params string[] texts) =>
        Assert.Equal(id, StsRecord.IdOf(new Relay.Dns.DnsAnswer<string>(Relay.Dns.DnsStatus.Found, texts)));

    private static StsPolicy Read(string text)
    {
        Assert.True(StsPolicyParser.TryParse(Encoding.UTF8.GetBytes(text), out var policy, out var fault), fault);
        return policy;
    }
}
