using System.IO.Compression;
using System.Text;
using Relay.Checks;
using Relay.Checks.Content;
using Relay.Options;

namespace Relay.Tests.Checks.Content;

public sealed class AttachmentsCheckTests
{
    private static readonly AttachmentsCheck Check = new(new AttachmentOptions());

    [Theory]
    [InlineData("Content-Disposition: attachment; filename=\"setup.exe\"")]
    [InlineData("Content-Disposition: attachment; filename=setup.exe")]
    [InlineData("Content-Disposition: inline; FILENAME=\"SETUP.EXE\"")]
    [InlineData("Content-Type: application/octet-stream; name=\"setup.exe\"")]
    [InlineData("Content-Type: text/plain; name=\"a.txt\"\r\nContent-Disposition: attachment; filename=setup.exe")]
    [InlineData("Content-Type: text/plain; name=\"setup.exe\"\r\nContent-Disposition: attachment; filename=a.txt")]
    [InlineData("Content-Disposition: attachment; filename=\"invoice.pdf.exe\"")]
    [InlineData("Content-Disposition: attachment; filename=\"setup.exe. . .\"")]
    [InlineData("Content-Disposition: attachment; filename=\"setup.exe \t\"")]
    [InlineData("Content-Disposition: attachment; filename=\"C:\\\\folder\\\\setup.exe\"")]
    [InlineData("Content-Disposition: attachment;\r\n\tfilename*=UTF-8''setup%2Eexe")]
    [InlineData("Content-Disposition: attachment;\r\n filename*0=\"se\";\r\n filename*1=\"tup.e\";\r\n filename*2=\"xe\"")]
    [InlineData("Content-Disposition: attachment;\r\n filename*0*=utf-8''set%75;\r\n filename*1*=p%2e;\r\n filename*2=exe")]
    [InlineData("Content-Disposition: attachment; filename=\"=?utf-8?B?c2V0dXAuZXhl?=\"")]
    [InlineData("Content-Disposition: attachment; filename==?utf-8?Q?setup=2Eexe?=")]
    [InlineData("Content-Disposition: attachment; filename=\"=?utf-8?B?c2V0?= =?utf-8?B?dXAuZXhl?=\"")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''photo%E2%80%AEgpj.exe")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''setup%EF%BC%8Eexe")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''setup.%EF%BD%85%EF%BD%98%EF%BD%85")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''setup.e%E2%80%8Bxe")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''setup.exe%00.txt")]
    [InlineData("Content-Disposition: attachment; filename=a.txt; filename=setup.exe")]
    [InlineData("Content-Disposition: attachment; filename=setup.exe; filename=a.txt")]
    [InlineData("Content-Disposition: attachment; filename=\"a.txt\"\r\nContent-Disposition: attachment; filename=\"setup.exe\"")]
    [InlineData("Content-Disposition: attachment filename=setup.exe")]
    [InlineData("Content-Disposition: ; filename=setup.exe")]
    [InlineData("Content-Disposition: attachment; filename=\"setup.exe")]
    [InlineData("Content-Disposition: attachment; filename = \"setup.exe\" ; x")]
    [InlineData("Content-Disposition: attachment; filename=my setup.exe")]
    [InlineData("Content-Type: not a type; name=\"setup.exe\"")]
    [InlineData("Content-Disposition: attachment; filename=\"\u00E9t\u00E9.exe\"")]
    public async Task An_attachment_that_runs_asks_to_be_refused_however_its_name_is_written(string fields)
    {
        var result = await RunAsync(WithPart(fields, "x"));

        Assert.Equal((CheckAction.Reject, CheckReasons.AttachmentName), (result.Action, result.Reason));
        Assert.Equal("550 5.7.1 The message has an attachment of a kind that is not taken here: send it in another way", result.Refusal!.ToString());
        Assert.EndsWith(" is *.exe", result.Detail);
    }

    [Theory]
    [InlineData("Content-Disposition: attachment; filename=\"report.pdf\"")]
    [InlineData("Content-Disposition: attachment; filename=\"how to run setup.exe safely.txt\"")]
    [InlineData("Content-Disposition: attachment; filename=\"exe\"")]
    [InlineData("Content-Disposition: attachment; filename=\"setup.exec\"")]
    [InlineData("Content-Disposition: attachment; filename=\"\"")]
    [InlineData("Content-Disposition: attachment; title=\"setup.exe\"")]
    [InlineData("Content-Description: setup.exe")]
    [InlineData("X: y")]
    public async Task Other_attachments_ask_for_nothing(string fields) =>
        Assert.Equal(CheckAction.None, (await RunAsync(WithPart(fields, "Content-Disposition: attachment; filename=setup.exe"))).Action);

    [Fact]
    public async Task A_message_that_is_one_attachment_is_looked_at_too() =>
        Assert.Equal(CheckReasons.AttachmentName,
            (await RunAsync("From: a@a\r\nContent-Type: application/x-msdownload; name=setup.exe\r\n\r\nMZ\r\n")).Reason);

    [Fact]
    public async Task An_attachment_of_a_forwarded_message_is_looked_at_too()
    {
        var inner = WithPart("Content-Disposition: attachment; filename=a.scr", "x");

        var result = await RunAsync(WithPart("Content-Type: message/rfc822", inner, "outer"));

        Assert.Equal((CheckReasons.AttachmentName, "a.scr is *.scr"), (result.Reason, result.Detail));
    }

    [Fact]
    public async Task The_list_of_names_is_that_of_the_configuration()
    {
        var check = new AttachmentsCheck(new AttachmentOptions { Names = ["secret*.pdf"] });

        Assert.Equal("secret plan.pdf is secret*.pdf", (await check.RunAsync(
            await Message.Of(WithPart("Content-Disposition: attachment; filename=\"x/secret plan.pdf\"", "x")), CancellationToken.None)).Detail);
        Assert.Null((await check.RunAsync(
            await Message.Of(WithPart("Content-Disposition: attachment; filename=setup.exe", "x")), CancellationToken.None)).Reason);
    }

    [Theory]
    [InlineData("Content-Type: application/zip")]
    [InlineData("Content-Type: application/octet-stream; name=\"INVOICE.ZIP\"")]
    [InlineData("Content-Disposition: attachment; filename=\"invoice.zip .\"")]
    public async Task A_zip_archive_with_a_file_that_runs_asks_to_be_refused(string fields)
    {
        var result = await RunAsync(WithPart($"{fields}\r\nContent-Transfer-Encoding: base64", Base64(Zip("readme.txt", "in/invoice.pdf.JS"))));

        Assert.Equal((CheckAction.Reject, CheckReasons.AttachmentInArchive), (result.Action, result.Reason));
        Assert.Equal("in an archive, invoice.pdf.JS is *.js", result.Detail);
    }

    [Fact]
    public async Task A_zip_archive_of_other_files_asks_for_nothing() =>
        Assert.Equal(CheckAction.None, (await RunAsync(
            WithPart("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64", Base64(Zip("readme.txt", "a.pdf"))))).Action);

    /// <summary>The list of names is long itself, and comes wherever in the buffer of what is kept.</summary>
    [Theory]
    [InlineData(3_000_000)]
    [InlineData(3_040_000)]
    [InlineData(3_080_000)]
    [InlineData(3_120_000)]
    public async Task Of_a_long_archive_the_end_is_enough(int length)
    {
        var random = new byte[length];
        new Random(7).NextBytes(random);
        string[] names = ["setup.exe", .. Enumerable.Range(0, 1000).Select(i => $"{i:0000}{new string('x', 60)}.txt")];

        var result = await RunAsync(WithPart("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64",
            Base64(Zip(random, names))));

        Assert.Equal(CheckReasons.AttachmentInArchive, result.Reason);
    }

    [Fact]
    public async Task An_archive_that_is_none_asks_for_nothing()
    {
        var lies = new byte[1000];
        Encoding.ASCII.GetBytes("PK\u0001\u0002").CopyTo(lies, 900);
        lies.AsSpan(910).Fill(0xFF);

        Assert.Equal(CheckAction.None, (await RunAsync(
            WithPart("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64", Base64(lies)))).Action);
    }

    [Theory]
    [InlineData(AttachmentReader.MaxDepth, null)]
    [InlineData(AttachmentReader.MaxDepth + 1, CheckReasons.MimeUnclear)]
    [InlineData(10_000, CheckReasons.MimeUnclear)]
    public async Task Parts_inside_of_parts_are_followed_to_a_limit(int depth, string? reason)
    {
        var message = new StringBuilder("From: a@a\r\n");
        for (var i = 0; i < depth; i++)
        {
            message.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        }

        var result = await RunAsync(message.Append("\r\ntext\r\n").ToString());

        Assert.Equal(reason, result.Reason);
        Assert.Equal(reason is null ? null : "550 5.6.0", result.Refusal?.ToString()[..9]);
    }

    [Theory]
    [InlineData(AttachmentReader.MaxDepth, CheckReasons.AttachmentName)]
    [InlineData(AttachmentReader.MaxDepth + 1, CheckReasons.MimeUnclear)]
    public async Task Messages_inside_of_messages_are_followed_to_a_limit(int depth, string reason)
    {
        var message = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", depth))
            + "Content-Disposition: attachment; filename=setup.exe\r\n\r\nMZ\r\n";

        Assert.Equal(reason, (await RunAsync(message)).Reason);
    }

    [Fact]
    public async Task A_hundred_thousand_parts_are_read_no_further_than_the_limit()
    {
        const string Part = "--b\r\n\r\nx\r\n";
        var octets = Encoding.ASCII.GetBytes(Message.OwnField
            + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat(Part, 100_000)));
        using var content = new CountedStream(octets);
        var subject = await Message.Of(content);
        var before = content.Octets;

        var result = await Check.RunAsync(subject, CancellationToken.None);

        Assert.Equal(CheckReasons.MimeUnclear, result.Reason);
        Assert.InRange(content.Octets - before, AttachmentReader.MaxParts * Part.Length, (AttachmentReader.MaxParts * Part.Length) + 20_000);
    }

    [Theory]
    [InlineData("X: ", "x")]
    [InlineData("X: ", "x\r\n ")]
    [InlineData("", "X: y\r\n")]
    [InlineData("", "no field\r\n")]
    public async Task The_header_of_a_part_is_read_no_further_than_its_limit(string begin, string more)
    {
        var octets = Encoding.ASCII.GetBytes(Message.OwnField + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            + begin + string.Concat(Enumerable.Repeat(more, 5_000_000 / more.Length)));
        using var content = new CountedStream(octets);
        var subject = await Message.Of(content);
        var before = content.Octets;

        var result = await Check.RunAsync(subject, CancellationToken.None);

        Assert.Equal(CheckReasons.MimeUnclear, result.Reason);
        Assert.InRange(content.Octets - before, 256 * 1024, 300_000);
    }

    [Fact]
    public async Task A_part_with_two_content_types_can_be_read_in_two_ways_and_asks_to_be_refused() =>
        Assert.Equal(CheckReasons.MimeUnclear, (await RunAsync(
            "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")).Reason);

    [Fact]
    public async Task Reading_ends_at_the_first_finding()
    {
        var octets = Encoding.ASCII.GetBytes(
            Message.OwnField + WithPart("Content-Disposition: attachment; filename=setup.exe", new string('x', 1_000_000)));
        using var content = new CountedStream(octets);
        var subject = await Message.Of(content);
        var before = content.Octets;

        Assert.Equal(CheckReasons.AttachmentName, (await Check.RunAsync(subject, CancellationToken.None)).Reason);
        Assert.InRange(content.Octets - before, 1, 20_000);
    }

    [Fact]
    public async Task The_messages_of_the_mime_suite_ask_for_nothing_unless_they_hold_such_an_attachment()
    {
        List<string> found = [];
        foreach (var (name, content) in MimeSuite.Messages())
        {
            if (await RunAsync(Encoding.Latin1.GetString(content)) is { Reason: not null } result)
            {
                found.Add($"{name} {result.Reason}: {result.Detail}");
            }
        }

        Assert.Equal([], found);
    }

    [Fact]
    public async Task Archives_with_names_without_end_are_not_gone_through()
    {
        // Every 46 octets begin an entry whose name takes in the next twenty: the names come to far more than the message.
        var entry = new string('\u00c3', 46).Remove(0, 4).Insert(0, "PK\u0001\u0002").Remove(28, 2).Insert(28, "\u0000\u0004");
        var part = $"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: binary\r\n\r\n{string.Concat(Enumerable.Repeat(entry, 2800))}\r\n";

        var result = await RunAsync($"From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{string.Concat(Enumerable.Repeat(part, 20))}--b--\r\n");

        Assert.Equal((CheckAction.Reject, CheckReasons.MimeUnclear), (result.Action, result.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("just a line\r\n")]
    [InlineData("just a line")]
    [InlineData("Content-Type: multipart/mixed\r\n\r\n--b\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n----\r\n")]
    [InlineData("Content-Type:\r\n\r\nx\r\n")]
    [InlineData("Content-Type: message/rfc822\r\n\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b")]
    public async Task Broken_messages_ask_for_nothing(string message)
    {
        Assert.Equal(CheckAction.None, (await RunAsync(message)).Action);

        using var bare = new MemoryStream(Encoding.Latin1.GetBytes(message));
        Assert.Equal(CheckAction.None, (await Check.RunAsync(new CheckSubject { Content = bare }, CancellationToken.None)).Action);
    }

    private static async Task<CheckResult> RunAsync(string message) => await Check.RunAsync(await Message.Of(message), CancellationToken.None);

    private static string WithPart(string fields, string body, string boundary = "boundary") =>
        $"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n"
        + $"Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}\r\n{fields}\r\n\r\n{body}\r\n--{boundary}--\r\n";

    private static string Base64(byte[] octets) => Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks);

    private static byte[] Zip(params string[] names) => Zip([1, 2, 3], names);

    private static byte[] Zip(byte[] first, params string[] names)
    {
        using var octets = new MemoryStream();
        using (var archive = new ZipArchive(octets, ZipArchiveMode.Create))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(name == names[0] ? first : []);
            }
        }

        return octets.ToArray();
    }
}
