using System.Text;
using Relay.Checks;
using Relay.Checks.Arc;
using Relay.Mail;
using Relay.Support;

namespace Relay.Tests.Checks.Arc;

public sealed class ArcCheckTests
{
    private readonly TableDns dns = new();

    [Fact]
    public async Task A_message_that_nobody_sealed_has_no_chain()
    {
        var result = await ArcRelay.CheckAsync(ArcRelay.Message, dns);

        Assert.Equal("mx.example; arc=none smtp.remote-ip=192.0.2.1", Told(result));
        Assert.Equal((ArcStatus.None, null, 0), (result.Chain.Status, result.Chain.Sealer, result.Lookups));
        Assert.Null(result.Reason);
    }

    [Fact]
    public async Task A_signed_message_that_was_forwarded_and_sealed_passes_and_tells_what_was_found_before()
    {
        var message = await ArcRelay.Known("forward.example", dns).ForwardAsync(await ArcRelay.SignedAsync(dns));

        var result = await ArcRelay.CheckAsync(message, dns);

        Assert.Equal("mx.example; arc=pass header.oldest-pass=0 smtp.remote-ip=192.0.2.1", Told(result));
        Assert.Equal((CheckAction.None, null), (result.Action, result.Reason));
        Assert.Equal("forward.example", result.Chain.Sealer);
        var hop = Assert.Single(result.Chain.Hops);
        Assert.Equal(("forward.example", "s1", 1, ArcStatus.None), (hop.Sealer, hop.Selector, hop.Instance, hop.Before));
        Assert.Equal(["dkim=pass", "arc=none"], hop.Results.Select(one => $"{one.Method}={one.Result}"));
        Assert.Equal("author.example", hop.Results[0]["header.d"]);
        Assert.StartsWith("mx.forward.example;\tdkim=pass", hop.Text);
    }

    [Fact]
    public async Task A_chain_over_three_hosts_passes_with_one_question_for_each_key()
    {
        var message = await ForwardedAsync("a.example", "b.example", "c.example");

        var result = await ArcRelay.CheckAsync(message, dns);

        Assert.Equal((ArcStatus.Pass, 0, 3), (result.Chain.Status, result.Chain.OldestPass, result.Lookups));
        Assert.Equal(["a.example none", "b.example pass", "c.example pass"],
            result.Chain.Hops.Select(hop => $"{hop.Sealer} {hop.Before.ToString().ToLowerInvariant()}"));
        Assert.Equal("c.example", result.Chain.Sealer);
    }

    [Fact]
    public async Task A_mailing_list_that_changes_the_message_shows_as_the_oldest_pass()
    {
        var message = await ForwardedAsync("a.example", "b.example");
        message = await ArcRelay.Known("list.example", dns).ForwardAsync(message, content => [.. content, .. "-- \r\nlist\r\n"u8]);
        message = await ArcRelay.Known("d.example", dns).ForwardAsync(message);

        var result = await ArcRelay.CheckAsync(message, dns);

        Assert.Equal("mx.example; arc=pass header.oldest-pass=3 smtp.remote-ip=192.0.2.1", Told(result));
    }

    [Theory]
    [InlineData("this is a test", "this is a trap", "ARC-Message-Signature 2: the body is not the one that was signed")]
    [InlineData("Subject: Hello", "Subject: Hullo", "ARC-Message-Signature 2: the signature does not fit header and key")]
    [InlineData("From: Ann", "From: Eve <eve@author.example>\r\nFrom: Ann", "ARC-Message-Signature 2: the signature does not fit header and key")]
    [InlineData("i=1; mx.a.example;\r\n\tdkim=none", "i=1; mx.a.example;\r\n\tdkim=pass", "ARC-Seal 2: the signature does not fit header and key")]
    public async Task What_was_changed_since_it_was_sealed_fails(string old, string @new, string cause)
    {
        var message = ArcRelay.Replace(await ForwardedAsync("a.example", "b.example"), old, @new);

        await AssertFailsAsync(message, cause);
    }

    [Fact]
    public async Task White_space_may_change()
    {
        var message = ArcRelay.Replace(await ForwardedAsync("a.example", "b.example"), "Subject: Hello", "SUBJECT:\r\n\tHello ");

        Assert.Equal(ArcStatus.Pass, (await ArcRelay.CheckAsync(message, dns)).Chain.Status);
    }

    [Theory]
    [InlineData("ARC-Seal", 1)]
    [InlineData("ARC-Seal", 3)]
    [InlineData("ARC-Message-Signature", 2)]
    [InlineData("ARC-Authentication-Results", 2)]
    public async Task A_set_is_whole_and_each_field_stands_once(string name, int instance)
    {
        var message = await ForwardedAsync("a.example", "b.example", "c.example");
        bool IsIt(HeaderField field) => field.Is(name) && ArcRelay.IsOf(field, instance);
        var one = MessageHeader.Parse(message).Fields.Single(IsIt);

        await AssertFailsAsync(ArcRelay.Without(message, IsIt), $"{name} {instance} is missing");
        await AssertFailsAsync([.. one.Octets.Span, .. message], $"{name} {instance} stands twice");
        Assert.Equal(0, (await ArcRelay.CheckAsync([.. one.Octets.Span, .. message], dns)).Lookups);
    }

    [Fact]
    public async Task Sets_follow_each_other_without_a_gap()
    {
        var message = await ForwardedAsync("a.example", "b.example", "c.example");

        await AssertFailsAsync(ArcRelay.Without(message, field => ArcRelay.IsOf(field, 2)), "ARC-Authentication-Results 2 is missing");
        await AssertFailsAsync(ArcRelay.Without(message, field => ArcRelay.IsOf(field, 1)), "ARC-Authentication-Results 1 is missing");
        Assert.Equal(ArcStatus.Pass, (await ArcRelay.CheckAsync(ArcRelay.Without(message, field => ArcRelay.IsOf(field, 3)), dns)).Chain.Status);
    }

    [Theory]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=0;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=x;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=-1;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=99999999999999999999;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=51;", "there are more than 50 sets")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=1; i=1;", "ARC-Seal without an instance")]
    [InlineData("ARC-Message-Signature: i=1;", "ARC-Message-Signature:", "ARC-Message-Signature without an instance")]
    [InlineData("ARC-Authentication-Results: i=1;", "ARC-Authentication-Results:", "ARC-Authentication-Results without an instance")]
    [InlineData("cv=none", "cv=pass", "ARC-Seal 1 says cv=pass")]
    [InlineData("cv=none", "cv=maybe", "ARC-Seal has a cv= that is not known")]
    [InlineData("cv=none", "cv=fail", "the newest seal says so")]
    [InlineData("cv=none", "h=from; cv=none", "ARC-Seal has h=, which it must not")]
    [InlineData("ARC-Seal: i=1; a=rsa-sha256", "ARC-Seal: i=1; a=rsa-md5", "ARC-Seal has an a= that is not known")]
    [InlineData("ARC-Seal: i=1; a=rsa-sha256", "ARC-Seal: i=1; a=rsa-sha1", "ARC-Seal 1: SHA-1 is not safe")]
    [InlineData("ARC-Seal: i=1; a=rsa-sha256", "ARC-Seal: i=1; a=ed25519-sha256", "ARC-Seal 1: the key is for another algorithm")]
    [InlineData("ARC-Seal: i=1; a=rsa-sha256", "ARC-Seal: i=1; a=rsa-sha256; z=9", "ARC-Seal 1: the signature does not fit header and key")]
    [InlineData("ARC-Message-Signature: i=1; a=rsa-sha256", "ARC-Message-Signature: i=1; a=rsa-sha1", "ARC-Message-Signature 1: SHA-1 is not safe")]
    [InlineData(" h=From", " h=ARC-Seal:From", "ARC-Message-Signature 1: a seal is signed")]
    [InlineData(" h=From:From", " h=Date:Date", "ARC-Message-Signature 1: From is not signed")]
    public async Task What_a_field_may_not_say_fails(string old, string @new, string cause)
    {
        var message = ArcRelay.Replace(await ForwardedAsync("a.example"), old, @new);

        await AssertFailsAsync(message, cause);
    }

    [Fact]
    public async Task A_chain_that_has_an_invalid_status_within_fails()
    {
        var message = await ForwardedAsync("a.example", "b.example", "c.example");

        await AssertFailsAsync(ArcRelay.Replace(message, "cv=none", "cv=fail"), "ARC-Seal 1 says cv=fail");
        await AssertFailsAsync(ArcRelay.Replace(message, "cv=pass", "cv=none"), "ARC-Seal 2 says cv=none");
    }

    [Fact]
    public async Task Without_a_key_it_fails_and_without_an_answer_nobody_knows()
    {
        var known = await ForwardedAsync("a.example", "b.example");
        var unknown = await new ArcRelay("c.example", dns).ForwardAsync(known);

        await AssertFailsAsync(unknown, "ARC-Message-Signature 3: there is no key");

        dns.Silent("s1._domainkey.a.example", "TXT");
        var result = await ArcRelay.CheckAsync(known, dns);
        Assert.Equal((ArcStatus.TempError, CheckReasons.NoAnswer), (result.Chain.Status, result.Reason));
        Assert.Equal("mx.example; arc=temperror (ARC-Seal 1: no answer from DNS for the key) smtp.remote-ip=192.0.2.1", Told(result));
        Assert.Empty(result.Chain.Hops);
    }

    [Fact]
    public async Task Fifty_sets_are_a_chain_and_one_more_is_none()
    {
        var hop = ArcRelay.Known("a.example", dns);
        var message = ArcRelay.Message;
        for (var i = 1; i <= ArcFields.MaxInstance; i++)
        {
            message = await hop.ForwardAsync(message);
        }

        var result = await ArcRelay.CheckAsync(message, dns);
        Assert.Equal((ArcStatus.Pass, 50, 0, 1), (result.Chain.Status, result.Chain.Hops.Count, result.Chain.OldestPass, result.Lookups));

        var last = await hop.ForwardAsync(message);
        Assert.False(MessageHeader.Parse(last).Fields[0].Is(ArcSet.SealName));

        var fields = MessageHeader.Parse(message).Fields.Take(3).SelectMany(field => field.Octets.ToArray()).ToArray();
        await AssertFailsAsync([.. ArcRelay.Replace(fields, "i=50;", "i=51;"), .. message], "there are too many fields");
    }

    [Fact]
    public async Task Ten_thousand_fields_cost_no_question()
    {
        var message = await ForwardedAsync("a.example");
        var field = MessageHeader.Parse(message).Named(ArcSet.SealName).Single().Octets.ToArray();
        var asked = dns.Questions.Count;

        await AssertFailsAsync([.. Enumerable.Repeat(field, 10_000).SelectMany(octets => octets), .. message], "there are too many fields");
        await AssertFailsAsync([.. Enumerable.Repeat("ARC-Seal:\r\n"u8.ToArray(), 10_000).SelectMany(octets => octets), .. message], "there are too many fields");

        Assert.Equal(asked, dns.Questions.Count);
    }

    [Fact]
    public async Task A_chain_that_needs_many_keys_is_given_up()
    {
        var message = await ForwardedAsync([.. Enumerable.Range(1, ArcVerifier.MaxKeys).Select(n => $"d{n}.example")]);
        var result = await ArcRelay.CheckAsync(message, dns);
        Assert.Equal((ArcStatus.Pass, ArcVerifier.MaxKeys), (result.Chain.Status, result.Lookups));

        message = await ArcRelay.Known("more.example", dns).ForwardAsync(message);

        await AssertFailsAsync(message, "ARC-Seal 1: too many keys are needed");
        Assert.Equal(ArcVerifier.MaxKeys, (await ArcRelay.CheckAsync(message, dns)).Lookups);
    }

    [Fact]
    public async Task A_stranger_who_names_the_keys_of_many_has_none_of_them_asked_for()
    {
        var message = await ForwardedAsync("a.example");
        var set = MessageHeader.Parse(message).Fields.Take(3).SelectMany(field => field.Octets.ToArray()).ToArray();
        byte[] all = [.. Enumerable.Range(2, 49).SelectMany(n =>
            ArcRelay.Replace(ArcRelay.Replace(ArcRelay.Replace(set, "i=1;", $"i={n};"), "cv=none", "cv=pass"), "d=a.example", $"d=victim{n}.example")), .. message];

        var result = await ArcRelay.CheckAsync(all, dns);

        Assert.Equal((ArcStatus.Fail, 1), (result.Chain.Status, result.Lookups));
    }

    [Fact]
    public async Task A_header_that_is_too_long_fails_where_it_has_a_chain()
    {
        var message = await ForwardedAsync("a.example");
        var filler = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Filler: x\r\n", 2500)));

        await AssertFailsAsync([.. MessageHeader.Parse(message).Fields.Take(3).SelectMany(field => field.Octets.ToArray()), .. filler, .. message],
            "there are too many fields");
    }

    [Fact]
    public async Task Without_content_there_is_nothing_to_say()
    {
        var result = await new ArcCheck(dns, TimeProvider.System).RunAsync(new CheckSubject(), TestContext.Current.CancellationToken);

        Assert.Empty(result.Authentication);
    }

    private static string Told(CheckResult result) =>
        AuthenticationResults.Text("mx.example", result.Authentication).Replace("\r\n\t", " ");

    private async Task<byte[]> ForwardedAsync(params string[] domains)
    {
        var message = ArcRelay.Message;
        foreach (var domain in domains)
        {
            message = await ArcRelay.Known(domain, dns).ForwardAsync(message);
        }

        return message;
    }

    private async Task AssertFailsAsync(byte[] message, string cause)
    {
        var result = await ArcRelay.CheckAsync(message, dns);

        Assert.Equal((ArcStatus.Fail, cause), (result.Chain.Status, result.Chain.Cause));
        Assert.Equal((CheckAction.None, CheckReasons.ArcFailed, cause), (result.Action, result.Reason, result.Detail));
        Assert.Empty(result.Chain.Hops);
        Assert.Equal("fail", Assert.Single(result.Authentication).Result);
    }
}
