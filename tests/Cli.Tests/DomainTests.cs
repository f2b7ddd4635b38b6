using System.Text.Json;
using Relay.Options;
using Relay.Signing;

namespace Relay.Cli.Tests;

public sealed class DomainTests : IDisposable
{
    private readonly CommandLine relay = new();

    public void Dispose() => relay.Dispose();

    [Theory]
    [InlineData("rsa", "rsa-sha256")]
    [InlineData("ed25519", "ed25519-sha256")]
    public async Task A_key_is_made_with_its_record_and_a_configuration_that_signs_with_it(string algorithm, string name)
    {
        var made = await relay.RunAsync("domain", "dkim", "Example.COM", "--selector", "s1", "--algorithm", algorithm, "--json");

        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        using var json = JsonDocument.Parse(made.Out);
        var record = json.RootElement.GetProperty("record");
        Assert.Equal("s1._domainkey.example.com", record.GetProperty("name").GetString());
        Assert.All(record.GetProperty("strings").EnumerateArray(), part => Assert.InRange(part.GetString()!.Length, 1, 255));
        Assert.Equal(record.GetProperty("value").GetString(), string.Concat(record.GetProperty("strings").EnumerateArray().Select(part => part.GetString())));

        // What is printed for relay.json is what the relay reads.
        await File.WriteAllTextAsync(Path.Combine(relay.Folder, "relay.json"), json.RootElement.GetProperty("configuration").GetRawText());
        var options = OptionsLoader.Load(new OptionsSource { DataFolder = relay.Folder, Environment = new Dictionary<string, string>() }).Options!;
        var key = Assert.Single((await DkimSigner.OpenAsync(options.Dkim, TimeProvider.System, default)).Keys);
        Assert.Equal((name, record.GetProperty("value").GetString()), (key.AlgorithmName, key.RecordText));
        Assert.Equal(json.RootElement.GetProperty("keyFile").GetString(), options.Dkim[0].KeyFile);
    }

    [Fact]
    public async Task For_people_the_record_is_shown_whole_and_in_the_strings_of_a_zone_file()
    {
        var made = await relay.RunAsync("domain", "dkim", "example.com", "--selector", "s1", "--bits", "4096", "--out", "key.pem");

        var key = SigningKey.Parse("example.com", "s1", await File.ReadAllTextAsync(Path.Combine(relay.Folder, "key.pem")), "key.pem");
        Assert.Equal(4096, key.Bits);
        Assert.Contains($"value:  {key.RecordText}\n", made.Out);
        Assert.Contains("s1._domainkey.example.com. IN TXT ( \"v=DKIM1; k=rsa; p=", made.Out);
        Assert.Contains($"\"KeyFile\": \"{Path.Combine(relay.Folder, "key.pem")}\"", made.Out);
        Assert.DoesNotContain("PRIVATE KEY", made.Out);
    }

    [Fact]
    public async Task The_key_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no modes");
            return;
        }

        await relay.RunAsync("domain", "dkim", "example.com", "--selector", "s1", "--algorithm", "ed25519");

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(relay.Folder, "s1.example.com.pem")));
    }

    [Fact]
    public async Task A_file_that_is_there_stays_as_it_is()
    {
        var file = Path.Combine(relay.Folder, "key.pem");
        await File.WriteAllTextAsync(file, "precious");

        var refused = await relay.RunAsync("domain", "dkim", "example.com", "--algorithm", "ed25519", "--out", "key.pem");

        Assert.Equal(ExitCodes.Negative, refused.ExitCode);
        Assert.Equal($"relay: there is a file {file}, and no key is written over another: name one with --out\n", refused.Error);
        Assert.Equal("", refused.Out);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told()
    {
        var refused = await relay.RunAsync("domain", "dkim", "example.com", "--algorithm", "ed25519", "--out", "none/key.pem");

        Assert.Equal(ExitCodes.Unreachable, refused.ExitCode);
        Assert.StartsWith($"relay: cannot write {Path.Combine(relay.Folder, "none", "key.pem")}: ", refused.Error);
    }

    [Theory]
    [InlineData("not a domain", "--selector", "s", "DOMAIN: allowed is a host name")]
    [InlineData("example.com", "--selector", "a/b", "--selector: allowed is letters")]
    [InlineData("example.com", "--bits", "512", "--bits: allowed is a multiple of 8 from 1024 to 4096")]
    [InlineData("example.com", "--bits", "1025", "--bits: allowed is a multiple of 8 from 1024 to 4096")]
    [InlineData("example.com", "--bits", "8192", "--bits: allowed is a multiple of 8 from 1024 to 4096")]
    [InlineData("example.com", "--algorithm", "dsa", "")]
    public async Task Wrong_usage_makes_nothing(string domain, string option, string value, string problem)
    {
        var refused = await relay.RunAsync("domain", "dkim", domain, option, value);

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.StartsWith($"relay: {problem}", refused.Error);
        Assert.Empty(Directory.GetFiles(relay.Folder));
    }
}
