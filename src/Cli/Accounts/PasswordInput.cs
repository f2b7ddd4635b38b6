using System.CommandLine;
using System.Text;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary>A password for an account: from standard input, so that it stands in no list of processes and no history, or made here.</summary>
internal static class PasswordInput
{
    /// <summary>Octets; more than any password has.</summary>
    private const int MaxInput = 8192;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Option<bool> Option() => new("--password-stdin")
    {
        Description = "Read the password from standard input, up to its end; one line end after it does not count. Without this, a strong one is made and shown",
    };

    /// <summary>Reads the password. What is wrong with it is told, and gives null.</summary>
    public static async Task<string?> ReadAsync(Surroundings around, CancellationToken cancel)
    {
        await using var input = around.OpenInput();
        var octets = new byte[MaxInput];
        var length = await input.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancel);
        if (Decode(octets.AsSpan(0, length)) is not { } password)
        {
            around.Fail(ExitCodes.Usage, "--password-stdin: the password is not text in UTF-8");
            return null;
        }

        if (Passwords.WhyNot(password) is { } fault)
        {
            around.Fail(ExitCodes.Usage, $"--password-stdin: the password {fault}");
            return null;
        }

        return password;
    }

    /// <summary>Shows a password that was made here, alone on its line.</summary>
    public static void Show(Surroundings around, string done, string password)
    {
        around.Out.WriteLine($"{done} Its password is shown only now:");
        around.Out.WriteLine(password);
    }

    private static string? Decode(ReadOnlySpan<byte> octets)
    {
        if (octets.EndsWith("\n"u8))
        {
            octets = octets[..^1];
            octets = octets.EndsWith("\r"u8) ? octets[..^1] : octets;
        }

        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
