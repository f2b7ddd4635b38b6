using System.Text;
using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class AuthorDomainTests
{
    [Theory]
    [InlineData("From: a@example.org", "example.org")]
    [InlineData("From: <a@Example.ORG>", "example.org")]
    [InlineData("From: a@example.org.", "example.org")]
    [InlineData("from:Ann <a@mail.example.org>", "mail.example.org")]
    [InlineData("From: Ann\r\n\t<a@example.org>\r\n  (at work)", "example.org")]
    [InlineData("From: \"ceo@bank.example\" <a@example.org>", "example.org")]
    [InlineData("From: ceo@bank.example <a@example.org>", "example.org")]
    [InlineData("From: =?utf-8?q?ceo=40bank=2Eexample?= <a@example.org>", "example.org")]
    [InlineData("From: \"a@b\"@example.org", "example.org")]
    [InlineData("From: a @ example . org", "example.org")]
    [InlineData("From: a@(c)example.org", "example.org")]
    [InlineData("From: <a@example.org", "example.org")]
    [InlineData("From: <@route.example:a@example.org>", "example.org")]
    [InlineData("From: a@example.org, Bob <b@EXAMPLE.org>", "example.org")]
    [InlineData("From: Team: a@example.org, b@example.org;", "example.org")]
    [InlineData("From: Ann <a@bücher.example>", "xn--bcher-kva.example")]
    [InlineData("From: Ann <a@xn--bcher-kva.example>", "xn--bcher-kva.example")]
    public void The_author_domain_is_that_of_the_one_from_field(string field, string domain) =>
        Assert.Equal(domain, AuthorDomain.Of(Header($"To: x@example.net\r\n{field}\r\n"), out _));

    [Theory]
    [InlineData("To: x@example.net", "no From field")]
    [InlineData("From: a@example.org\r\nFrom: a@example.org", "several From fields")]
    [InlineData("From: a@example.org, b@example.net", "several domains in the From field")]
    [InlineData("From: Team: a@example.org; b@example.net", "several domains in the From field")]
    [InlineData("From: undisclosed:;", "no domain in the From field")]
    [InlineData("From:", "the From field cannot be read")]
    [InlineData("From: Ann", "the From field cannot be read")]
    [InlineData("From: a@[192.0.2.1]", "the From field cannot be read")]
    [InlineData("From: a@example..org", "the From field cannot be read")]
    [InlineData("From: a@example.org <", "the From field cannot be read")]
    [InlineData("From: a@example.org b@bank.example", "several domains in the From field")]
    [InlineData("From: <a@example.org> <b@bank.example>", "several domains in the From field")]
    [InlineData("From: <a@example.org><b@bank.example>", "several domains in the From field")]
    [InlineData("From: a@example.org <b@bank.example> c@example.org", "several domains in the From field")]
    [InlineData("From: a@example.org; b@bank.example", "the From field cannot be read")]
    [InlineData("From: a@example.org\0, b@bank.example", "the From field cannot be read")]
    [InlineData("From: <a@example.org\0b@bank.example>", "the From field cannot be read")]
    [InlineData("From: a@example.org,,b@bank.example", "several domains in the From field")]
    [InlineData("From: a@example.org, b", "the From field cannot be read")]
    [InlineData("From: b, a@example.org", "the From field cannot be read")]
    [InlineData("From: b@bank.example@example.org", "the From field cannot be read")]
    [InlineData("From: <b@bank.example, a@example.org>", "several domains in the From field")]
    [InlineData("From: =?utf-8?q?b=40bank=2Eexample?=, a@example.org", "the From field cannot be read")]
    [InlineData("From: <a@=?utf-8?q?example.org?=>", "the From field cannot be read")]
    [InlineData("From: a@exam ple.org", "the From field cannot be read")]
    [InlineData("From: a@example.org\r\n\t, b@bank.example", "several domains in the From field")]
    public void Without_exactly_one_there_is_none(string field, string fault)
    {
        Assert.Null(AuthorDomain.Of(Header($"{field}\r\n"), out var why));
        Assert.Equal(fault, why);
    }

    [Fact]
    public void A_from_field_without_end_has_no_author()
    {
        var addresses = string.Join(",\r\n ", Enumerable.Range(0, 5000).Select(i => $"a{i}@example.org"));

        Assert.Null(AuthorDomain.Of(Header($"From: {addresses}\r\n"), out _));
    }

    [Fact]
    public void Behind_the_end_of_what_is_read_there_may_be_another_author() =>
        Assert.Null(AuthorDomain.Of(Header($"From: a@example.org\r\nX: {new string('x', MessageHeader.MaxLength)}\r\n"), out _));

    private static MessageHeader Header(string text) => MessageHeader.Parse(Encoding.UTF8.GetBytes(text));
}
