using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Relay.Checks.Dkim;
using Relay.Mail;

namespace Relay.Tests.Checks.Dkim;

/// <summary>What is hashed, octet for octet.</summary>
public sealed class CanonicalizationTests
{
    [Theory]
    [InlineData(" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n")]
    [InlineData("", "\r\n", "")]
    [InlineData("\r\n\r\n", "\r\n", "")]
    [InlineData(" \r\n\t\r\n", " \r\n\t\r\n", "")]
    [InlineData("a", "a\r\n", "a\r\n")]
    [InlineData("a  ", "a  \r\n", "a\r\n")]
    [InlineData("a \r\n \r\n\r\nb\r\n", "a \r\n \r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n")]
    [InlineData("a\r\n  b\t\tc\r\n", "a\r\n  b\t\tc\r\n", "a\r\n b c\r\n")]
    [InlineData("a \nb\n\n", "a \nb\n\n\r\n", "a \nb\n\n\r\n")]
    [InlineData("a \rb \r\r\n", "a \rb \r\r\n", "a \rb \r\r\n")]
    [InlineData("a\r", "a\r\r\n", "a\r\r\n")]
    [InlineData("\0\u00ff \0", "\0\u00ff \0\r\n", "\0\u00ff \0\r\n")]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\nno end  boundary", "--b\r\nContent-Type: text/plain\r\n\r\nno end  boundary\r\n", "--b\r\nContent-Type: text/plain\r\n\r\nno end boundary\r\n")]
    public void A_body_is_hashed_in_its_form_however_it_is_cut(string body, string simple, string relaxed)
    {
        for (var cut = 0; cut <= body.Length; cut++)
        {
            Assert.Equal(Hash(simple), HashOf(Canonicalization.Simple, body, cut));
            Assert.Equal(Hash(relaxed), HashOf(Canonicalization.Relaxed, body, cut));
        }

        Assert.Equal(Hash(simple), HashOf(Canonicalization.Simple, body, 0, step: 1));
        Assert.Equal(Hash(relaxed), HashOf(Canonicalization.Relaxed, body, 0, step: 1));
    }

    [Fact]
    public void Several_lengths_of_a_body_are_hashed_at_once_and_none_beyond_its_end()
    {
        var body = string.Concat(Enumerable.Range(0, 9000).Select(i => $"line {i}\r\n"));
        long[] lengths = [0, 1, 17, 16384, 16385, body.Length, body.Length + 1];
        using var hasher = new BodyHasher(Canonicalization.Relaxed, lengths.Concat(lengths).Reverse());

        hasher.Append(Encoding.ASCII.GetBytes(body));
        hasher.Finish();

        Assert.Equal(body.Length, hasher.Length);
        Assert.All(lengths[..^1], length => Assert.Equal(Hash(body[..(int)length]), Convert.ToBase64String(hasher.UpTo(length)!)));
        Assert.Null(hasher.UpTo(body.Length + 1));
        Assert.Equal(Hash(body), Convert.ToBase64String(hasher.Whole));
    }

    [Theory]
    [InlineData("A: X\r\n", "A: X\r\n", "a:X\r\n")]
    [InlineData("B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n")]
    [InlineData("SUBJect:  AbC", "SUBJect:  AbC\r\n", "subject:AbC\r\n")]
    [InlineData("X:\r\n a\r\n\t\r\n b \r\n", "X:\r\n a\r\n\t\r\n b \r\n", "x:a b\r\n")]
    [InlineData("X:\r\n", "X:\r\n", "x:\r\n")]
    [InlineData("X: a\n b\n", "X: a\n b\n", "x:a b\r\n")]
    [InlineData("X: a\rb\u00e4\0\r\n", "X: a\rb\u00e4\0\r\n", "x:a\rb\u00e4\0\r\n")]
    [InlineData("X: y:z\r\n", "X: y:z\r\n", "x:y:z\r\n")]
    public void A_field_is_hashed_in_its_form(string field, string simple, string relaxed)
    {
        Assert.Equal(simple, Written(field, Canonicalization.Simple));
        Assert.Equal(relaxed, Written(field, Canonicalization.Relaxed));
    }

    [Theory]
    [InlineData("DKIM-Signature: v=1; b=abc; d=x\r\n", "DKIM-Signature: v=1; b=; d=x", "dkim-signature:v=1; b=; d=x")]
    [InlineData("DKIM-Signature: v=1; bh=abc; b = a\r\n b c=\r\n", "DKIM-Signature: v=1; bh=abc; b =", "dkim-signature:v=1; bh=abc; b =")]
    [InlineData("DKIM-Signature:b=abc\r\n\t ;c=d", "DKIM-Signature:b=;c=d", "dkim-signature:b=;c=d")]
    [InlineData("DKIM-Signature: v=1;\r\n\tb=abc;", "DKIM-Signature: v=1;\r\n\tb=;", "dkim-signature:v=1; b=;")]
    [InlineData("DKIM-Signature: v=1; z=b=1|b=2;x=b", "DKIM-Signature: v=1; z=b=1|b=2;x=b", "dkim-signature:v=1; z=b=1|b=2;x=b")]
    public void Of_the_signature_itself_all_is_hashed_but_the_value_of_b(string field, string simple, string relaxed)
    {
        Assert.Equal(simple, Written(field, Canonicalization.Simple, isSignature: true));
        Assert.Equal(relaxed, Written(field, Canonicalization.Relaxed, isSignature: true));
    }

    [Fact]
    public void Of_fields_with_the_same_name_the_lowest_is_chosen_first_and_what_is_not_there_is_nothing()
    {
        var header = MessageHeader.Parse("X: 1\r\nY: 2\r\nx: 3\r\nX : 4\r\nno field\r\n\r\n"u8.ToArray());
        var fields = new SignedFields(header);

        Assert.Equal(["4", "2", "3", "1"], fields.Choose(["x", "Y", "Z", "X", "x", "X", "y", ""], null).Select(field => field.Value));
        Assert.Equal(["3", "1"], fields.Choose(["x", "X", "x"], header.Fields[3]).Select(field => field.Value));
        Assert.Equal(["4", "1"], fields.Choose(["x", "X", "x"], header.Fields[2]).Select(field => field.Value));
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.Latin1.GetBytes(text)));

    private static string HashOf(Canonicalization form, string body, int cut, int step = int.MaxValue)
    {
        using var hasher = new BodyHasher(form, []);
        var octets = Encoding.Latin1.GetBytes(body);
        hasher.Append(octets.AsSpan(0, cut));
        for (var i = cut; i < octets.Length; i += Math.Min(step, octets.Length - i))
        {
            hasher.Append(octets.AsSpan(i, Math.Min(step, octets.Length - i)));
        }

        hasher.Finish();
        return Convert.ToBase64String(hasher.Whole);
    }

    private static string Written(string field, Canonicalization form, bool isSignature = false)
    {
        var output = new ArrayBufferWriter<byte>();
        var octets = new HeaderField(Encoding.Latin1.GetBytes(field), 0);
        if (isSignature)
        {
            HeaderCanonicalizer.WriteSignature(output, octets, form);
        }
        else
        {
            HeaderCanonicalizer.Write(output, octets, form);
        }

        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
