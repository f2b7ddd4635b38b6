using Relay.Forwarding;
using Relay.Options;
using Relay.Spool;

namespace Relay.Tests.Forwarding;

public sealed class ReturnPathSecretsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("relay-secrets-").FullName;

    private string SecretFile => Path.Combine(folder, "srs.key");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_secret_is_made_at_first_use_and_stays()
    {
        var made = Open().Current;

        Assert.Equal(43, made.Length);
        Assert.Equal(made, Open().Current);
        Assert.Equal([SecretFile], Directory.GetFiles(folder));
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        Open();

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretFile));
        }
    }

    [Fact]
    public void Several_that_make_it_at_the_same_time_have_the_same()
    {
        var made = new string[16];
        Parallel.For(0, made.Length, i => made[i] = Convert.ToHexString(Open().Current));

        Assert.Single(made.Distinct());
    }

    [Fact]
    public void A_file_may_hold_several_a_line_each()
    {
        File.WriteAllText(SecretFile, "the new one, which marks\r\n\n  the old one, still known  \n");

        Assert.Equal(["the new one, which marks", "the old one, still known"], Open().All.Select(System.Text.Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("short\n")]
    [InlineData("a secret that is long enough\nshort\n")]
    public void What_holds_no_secret_is_told_and_left_alone(string text)
    {
        File.WriteAllText(SecretFile, text);

        var fault = Assert.Throws<SpoolException>(Open);

        Assert.Equal(SpoolFault.Corrupt, fault.Fault);
        Assert.Contains(SecretFile, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("long enough", fault.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(SecretFile));
    }

    [Fact]
    public void A_configured_secret_needs_no_file()
    {
        var secrets = ReturnPathSecrets.Open(Options() with { Srs = new SrsOptions { Secret = "a secret of the tests" } });

        Assert.Equal("a secret of the tests"u8.ToArray(), Assert.Single(secrets.All));
        Assert.Empty(Directory.GetFiles(folder));
    }

    private ReturnPathSecrets Open() => ReturnPathSecrets.Open(Options());

    private RelayOptions Options() => new() { HostName = "relay.test", Data = folder };
}
