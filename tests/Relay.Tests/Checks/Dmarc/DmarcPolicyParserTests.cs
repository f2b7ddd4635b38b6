using Relay.Checks.Dmarc;

namespace Relay.Tests.Checks.Dmarc;

public sealed class DmarcPolicyParserTests
{
    [Fact]
    public void A_record_is_read_with_all_its_tags()
    {
        var record = Read("v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; t=y; psd=n; fo=1:d; " +
            "rua=mailto:a@example.org!10m, https://example.net/dmarc ;ruf=mailto:f@example.org;");

        Assert.Equal(DmarcPolicy.Reject, record.Policy);
        Assert.Equal(DmarcPolicy.Quarantine, record.SubdomainPolicy);
        Assert.Equal(DmarcPolicy.None, record.NonexistentPolicy);
        Assert.Equal(DmarcAlignment.Strict, record.DkimAlignment);
        Assert.Equal(DmarcAlignment.Strict, record.SpfAlignment);
        Assert.Equal(DmarcPsd.No, record.Psd);
        Assert.True(record.IsTest);
        Assert.Equal("1:d", record.FailureOptions);
        Assert.Equal(["mailto:a@example.org", "https://example.net/dmarc"], record.AggregateReports);
        Assert.Equal(["mailto:f@example.org"], record.FailureReports);
        Assert.Empty(record.Faults);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var record = Read(" v = DMARC1 ;p=None");

        Assert.Equal(DmarcPolicy.None, record.Policy);
        Assert.Equal(DmarcAlignment.Relaxed, record.DkimAlignment);
        Assert.Equal(DmarcPsd.Unsaid, record.Psd);
        Assert.False(record.IsTest);
        Assert.Empty(record.Faults);
    }

    [Fact]
    public void Tags_that_are_not_known_or_gone_are_no_fault() =>
        Assert.Empty(Read("v=DMARC1; pct=20; rf=afrf; ri=3600; x=y; p=reject").Faults);

    [Theory]
    [InlineData("")]
    [InlineData("p=reject; v=DMARC1")]
    [InlineData("v=dmarc1; p=reject")]
    [InlineData("v=DMARC2; p=reject")]
    [InlineData("v=DMARC1 p=reject")]
    [InlineData("v=spf1 -all")]
    [InlineData("DMARC1; p=reject")]
    public void What_does_not_begin_with_the_version_is_no_record(string text) =>
        Assert.False(DmarcPolicyParser.TryParse(text, out _));

    [Theory]
    [InlineData("v=DMARC1")]
    [InlineData("v=DMARC1; rua=nowhere")]
    [InlineData("v=DMARC1; p=refuse")]
    [InlineData("v=DMARC1; p=reject; sp=refuse")]
    [InlineData("v=DMARC1; p=reject; np=")]
    public void Without_a_policy_that_holds_it_does_not_apply(string text)
    {
        var record = Read(text);

        Assert.Null(record.Policy);
        Assert.NotEmpty(record.Faults);
    }

    [Theory]
    [InlineData("v=DMARC1; rua=mailto:a@example.org")]
    [InlineData("v=DMARC1; p=refuse; rua=mailto:a@example.org")]
    [InlineData("v=DMARC1; p=reject; sp=refuse; rua=mailto:a@example.org")]
    public void Without_a_policy_that_holds_it_counts_as_none_where_it_asks_for_reports(string text)
    {
        var record = Read(text);

        Assert.Equal(DmarcPolicy.None, record.Policy);
        Assert.Equal(DmarcPolicy.None, record.PolicyFor(isSubdomain: true, exists: true));
        Assert.NotEmpty(record.Faults);
    }

    [Fact]
    public void The_first_of_two_tags_counts()
    {
        var record = Read("v=DMARC1; p=none; p=reject");

        Assert.Equal(DmarcPolicy.None, record.Policy);
        Assert.Contains("p is given twice: the first one counts", record.Faults);
    }

    [Theory]
    [InlineData("p=reject", false, true, DmarcPolicy.Reject)]
    [InlineData("p=reject", true, true, DmarcPolicy.Reject)]
    [InlineData("p=reject; sp=none", false, true, DmarcPolicy.Reject)]
    [InlineData("p=reject; sp=none", true, true, DmarcPolicy.None)]
    [InlineData("p=reject; sp=none", true, false, DmarcPolicy.None)]
    [InlineData("p=none; np=reject", true, false, DmarcPolicy.Reject)]
    [InlineData("p=none; np=reject", true, true, DmarcPolicy.None)]
    [InlineData("p=none; sp=quarantine; np=reject", false, false, DmarcPolicy.None)]
    public void The_policy_hangs_on_what_the_author_domain_is(string tags, bool isSubdomain, bool exists, DmarcPolicy policy) =>
        Assert.Equal(policy, Read($"v=DMARC1; {tags}").PolicyFor(isSubdomain, exists));

    [Theory]
    [InlineData("y", DmarcPolicy.Reject, DmarcPolicy.Quarantine)]
    [InlineData("y", DmarcPolicy.Quarantine, DmarcPolicy.None)]
    [InlineData("y", DmarcPolicy.None, DmarcPolicy.None)]
    [InlineData("n", DmarcPolicy.Reject, DmarcPolicy.Reject)]
    public void A_policy_that_is_tried_out_is_one_step_less(string t, DmarcPolicy policy, DmarcPolicy applied) =>
        Assert.Equal(applied, Read($"v=DMARC1; p=none; t={t}").Applied(policy));

    [Fact]
    public void A_record_without_end_is_read_to_a_bound()
    {
        var record = Read("v=DMARC1; p=reject; rua=" + string.Concat(Enumerable.Repeat("mailto:a@example.org,", 100_000)) +
            string.Concat(Enumerable.Repeat(";a=b", 100_000)));

        Assert.Equal(DmarcPolicy.Reject, record.Policy);
        Assert.Equal(20, record.AggregateReports.Count);
        Assert.InRange(record.Faults.Count, 1, 70);
    }

    private static DmarcPolicyRecord Read(string text)
    {
        Assert.True(DmarcPolicyParser.TryParse(text, out var record));
        return record;
    }
}
