using Relay.Addresses;

namespace Relay.Tests.Addresses;

/// <summary>What people may write, and what they are told when it is wrong.</summary>
public sealed class AddressParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_domain_is_made_canonical_and_has_everybody_unless_it_says_who()
    {
        var all = AddressParser.Domain("B\u00fccher.Example", null).Value!;
        var some = AddressParser.Domain("*.example.com", ["info", "\"a b\""]).Value!;

        Assert.Equal(("xn--bcher-kva.example", "*"), (all.Name, Assert.Single(all.Recipients)));
        Assert.Equal("*.example.com", some.Name);
        Assert.Equal(["info", "\"a b\""], some.Recipients);
    }

    [Theory]
    [InlineData("", "info", "name")]
    [InlineData("user@example.com", "info", "name")]
    [InlineData("*", "info", "name")]
    [InlineData("[192.0.2.1]", "info", "name")]
    [InlineData("example.com", "", "recipients")]
    [InlineData("example.com", "info@example.com", "recipients")]
    [InlineData("example.com", "in*", "recipients")]
    [InlineData("example.com", "in\nfo", "recipients")]
    public void What_is_no_domain_is_refused(string name, string recipient, string parameter)
    {
        var (domain, faults) = AddressParser.Domain(name, [recipient]);

        Assert.Null(domain);
        var fault = Assert.Single(faults);
        Assert.Equal(parameter, fault.Parameter);
        Assert.Contains("is not allowed; allowed is ", fault.Problem);
    }

    [Fact]
    public void An_alias_is_made_canonical_and_leads_to_each_target_once()
    {
        var alias = AddressParser.Alias("Info@B\u00fccher.example", ["Anna@example.com", "anna@EXAMPLE.com", "@other.example", "info@xn--bcher-kva.example"]).Value!;

        Assert.Equal("info@xn--bcher-kva.example", alias.Address);
        Assert.Equal(["Anna@example.com", "@other.example", "info@xn--bcher-kva.example"], alias.Targets);
    }

    [Theory]
    [InlineData("info")]
    [InlineData("info@")]
    [InlineData("*@example.com@")]
    [InlineData("@")]
    [InlineData("@[192.0.2.1]")]
    [InlineData("info@[192.0.2.1]")]
    public void What_is_no_alias_is_refused(string address)
    {
        var fault = Assert.Single(AddressParser.Alias(address, ["a@example.org"]).Faults);

        Assert.Equal("address", fault.Parameter);
        Assert.EndsWith($"is not allowed; allowed is {AddressParser.AllowedAlias}", fault.Problem);
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("/etc/passwd")]
    [InlineData("|program")]
    [InlineData("anna@[192.0.2.1]")]
    public void What_is_no_target_is_refused(string target)
    {
        var fault = Assert.Single(AddressParser.Alias("info@example.com", ["a@example.org", target]).Faults);

        Assert.Equal(("targets", $"\"{target}\" is not allowed; allowed is {AddressParser.AllowedTarget}"), (fault.Parameter, fault.Problem));
    }

    [Theory]
    [InlineData("info@example.com", "Info@EXAMPLE.com")]
    [InlineData("info@example.com", "@example.com")]
    [InlineData("@example.com", "@Example.com")]
    [InlineData("info@b\u00fccher.example", "info@xn--bcher-kva.example")]
    public void An_alias_that_leads_to_nobody_but_itself_is_refused(string address, string target)
    {
        var fault = Assert.Single(AddressParser.Alias(address, [target, target]).Faults);

        Assert.Equal(("targets", $"it would lead to nobody but itself; name at least one target that is not {address}"), (fault.Parameter, fault.Problem));
    }

    [Fact]
    public void An_alias_with_no_target_or_too_many_is_refused()
    {
        Assert.StartsWith("there are 0; allowed is 1 to 100", Assert.Single(AddressParser.Alias("info@example.com", null).Faults).Problem);
        Assert.StartsWith("there are 101; allowed is 1 to 100", Assert.Single(
            AddressParser.Alias("info@example.com", [.. Enumerable.Range(0, 101).Select(n => $"u{n}@example.com")]).Faults).Problem);
    }

    [Fact]
    public void A_suppression_is_by_hand_and_for_ever_unless_it_says_otherwise()
    {
        Assert.Equal(
            new Suppression("user@example.com", "added by hand", Now, null), AddressParser.Suppression("User@Example.com", null, null, Now).Value);
        Assert.Equal(
            new Suppression("user@example.com", "asked for it", Now, Now.AddDays(30)),
            AddressParser.Suppression("user@example.com", "asked for it", "30d", Now).Value);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var faults = AddressParser.Suppression("@example.com", "two\nlines", "soon", Now).Faults;

        Assert.Equal(["address", "reason", "for"], faults.Select(fault => fault.Parameter));
        Assert.Contains("\"two?lines\" is not allowed", faults[1].Problem);
        Assert.Contains("\"soon\" is not allowed; allowed is a time such as", faults[2].Problem);
    }
}
