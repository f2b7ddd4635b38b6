using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class AuthenticationResultsTests
{
    [Fact]
    public void Without_results_it_says_none() =>
        Assert.Equal("Authentication-Results: mail.example.com; none\r\n", AuthenticationResults.Write("mail.example.com", []));

    [Fact]
    public void Each_result_stands_on_a_line_of_its_own()
    {
        var field = AuthenticationResults.Write("mail.example.com",
        [
            new("spf", "pass") { Properties = [("smtp.mailfrom", "a@example.org")] },
            new("dkim", "fail") { Comment = "body hash", Properties = [("header.d", "example.org"), ("header.s", "s1")] },
        ]);

        Assert.Equal("""
            Authentication-Results: mail.example.com;
            	spf=pass smtp.mailfrom=a@example.org;
            	dkim=fail (body hash) header.d=example.org header.s=s1

            """.ReplaceLineEndings("\r\n"), field);
    }

    [Theory]
    [InlineData("a\r\nX-Injected: b", "\"a??X-Injected: b\"")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("", "\"\"")]
    [InlineData("ü@exämple.org", "?@ex?mple.org")]
    [InlineData("user+tag@example.org", "user+tag@example.org")]
    public void What_strangers_say_cannot_break_it(string value, string written) =>
        Assert.Equal(written.Contains('?') && !written.StartsWith('"') ? $"\"{written}\"" : written, AuthenticationResults.Quote(value));

    [Fact]
    public void A_comment_cannot_end_itself()
    {
        var field = AuthenticationResults.Write("h", [new("spf", "fail") { Comment = "a) (b\\\r\n" }]);

        Assert.Equal("Authentication-Results: h;\r\n\tspf=fail (a] [b??)\r\n", field);
    }

    [Fact]
    public void Long_results_are_folded_and_long_values_cut()
    {
        var field = AuthenticationResults.Write("h", [new("dkim", "pass")
        {
            Properties = [("header.d", new string('d', 60)), ("header.s", new string('s', 60)), ("header.i", new string('i', 1000))],
        }]);

        Assert.All(field.Split("\r\n"), line => Assert.InRange(line.Length, 0, 300));
        Assert.Contains("\r\n\theader.s=", field);
        Assert.DoesNotContain(new string('i', 256), field);
    }
}
