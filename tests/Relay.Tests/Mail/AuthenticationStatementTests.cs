using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class AuthenticationStatementTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        AuthenticationResult[] results =
        [
            new("spf", "pass") { Properties = [("smtp.mailfrom", "a@example.org")] },
            new("dkim", "fail") { Properties = [("header.d", "example.org"), ("header.b", "a b;=\"\\x")] },
            new("arc", "none"),
        ];

        var statement = AuthenticationStatement.Read(AuthenticationResults.Text("relay.example", results));

        Assert.Equal("relay.example", statement.AuthservId);
        Assert.Equal(results.Select(Show), statement.Results.Select(Show));
    }

    [Theory]
    [InlineData("a.example; spf=pass", "a.example", "spf=pass")]
    [InlineData("a.example 1; spf=pass", "a.example", "spf=pass")]
    [InlineData("(who (nested;)) a.example (says) ; spf=pass (it; is) smtp.mailfrom=b.example", "a.example", "spf=pass smtp.mailfrom=b.example")]
    [InlineData("\"a.example\"; SPF = Pass SMTP.MailFrom = \"x;y\"", "a.example", "spf=pass smtp.mailfrom=x;y")]
    [InlineData("a.example;\r\n\tspf=pass\r\n\tsmtp.mailfrom=b.example;\r\n dkim=none", "a.example", "spf=pass smtp.mailfrom=b.example|dkim=none")]
    [InlineData("a.example; dkim/1=pass header.i=@b.example header.b=\"x/y\"", "a.example", "dkim=pass header.i=@b.example header.b=x/y")]
    [InlineData("a.example; dmarc=pass (p=none) action=none header.from=b.example", "a.example", "dmarc=pass action=none header.from=b.example")]
    [InlineData("a.example; none", "a.example", "")]
    [InlineData("a.example;", "a.example", "")]
    [InlineData("a.example; ; what is this; =; =pass; spf=; x y=pass; spf=pass", "a.example", "spf=pass")]
    [InlineData("a.example; (never closed; spf=pass", "a.example", "")]
    [InlineData("", "", "")]
    public void Others_write_it_in_many_ways(string value, string authservId, string results)
    {
        var statement = AuthenticationStatement.Read(value);

        Assert.Equal(authservId, statement.AuthservId);
        Assert.Equal(results, string.Join('|', statement.Results.Select(Show)));
    }

    [Theory]
    [InlineData("mail.example.com; spf=pass", "mail.example.com")]
    [InlineData("(c(d)\\)) mail.example.com 1; none", "mail.example.com")]
    [InlineData("\"mail.example.com\"; none", "mail.example.com")]
    [InlineData("\"mail\\.example.com\"; none", "mail.example.com")]
    [InlineData("mail.example.com(comment); none", "mail.example.com")]
    [InlineData("(never ends", "")]
    [InlineData("", "")]
    public void It_says_whose_results_they_claim_to_be(string value, string service) =>
        Assert.Equal(service, AuthenticationStatement.Read(value).AuthservId);

    [Fact]
    public void Results_are_kept_as_they_are_written_too() =>
        Assert.Equal(["dkim=pass (2048; bits)\r\n\theader.d=b.example", "what is this"],
            AuthenticationStatement.Read("a.example;\r\n dkim=pass (2048; bits)\r\n\theader.d=b.example; what is this; None").Texts);

    [Fact]
    public void The_first_result_of_a_method_is_found() =>
        Assert.Equal("b", AuthenticationStatement.Read("a.example; dkim=pass header.d=b; dkim=fail header.d=c")["dkim"]!["header.d"]);

    [Theory]
    [InlineData("(")]
    [InlineData("a=")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData(";a=b c=")]
    public void What_is_long_and_hostile_ends_soon(string piece) =>
        Assert.NotNull(AuthenticationStatement.Read("a.example;" + string.Concat(Enumerable.Repeat(piece, 256 * 1024 / piece.Length))));

    private static string Show(AuthenticationResult result) =>
        $"{result.Method}={result.Result}{string.Concat(result.Properties.Select(p => $" {p.Property}={p.Value}"))}";
}
