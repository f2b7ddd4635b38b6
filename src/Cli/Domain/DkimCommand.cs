using System.CommandLine;
using System.Text;
using Relay.Signing;

namespace Relay.Cli.Domain;

/// <summary><c>relay domain dkim DOMAIN</c>: makes a key, and says what to put into DNS and into the configuration.</summary>
internal static class DkimCommand
{
    public static Command Create(Surroundings around)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "Whose mail is to be signed" };
        var selector = new Option<string?>("--selector") { HelpName = "NAME", Description = "What the key is called in DNS [default: relay and the month, such as relay-202601]" };
        var algorithm = new Option<string>("--algorithm") { Description = "rsa is understood everywhere, ed25519 by some; a domain can have one of each", DefaultValueFactory = _ => NewKey.Rsa };
        algorithm.AcceptOnlyFromAmong(NewKey.Rsa, NewKey.Ed25519);
        var bits = new Option<int>("--bits") { HelpName = "N", Description = $"Length of an RSA key, {SigningKey.MinRsaBits} to {SigningKey.MaxRsaBits}", DefaultValueFactory = _ => 2048 };
        var file = new Option<string?>("--out") { HelpName = "FILE", Description = "Where the private key goes; never over a file that is there [default: SELECTOR.DOMAIN.pem]" };
        var json = new Option<bool>("--json") { Description = "Print it as JSON" };
        var command = new DocumentedCommand(
            "dkim",
            "Make a key that signs a domain's mail, and print its DNS record and its configuration",
            "relay domain dkim example.com",
            "relay domain dkim example.com --selector s1 --out /etc/relay/s1.example.com.pem",
            "relay domain dkim example.com --algorithm ed25519")
        {
            domain,
            selector,
            algorithm,
            bits,
            file,
            json,
        };
        command.SetAction(parsed =>
        {
            var order = new NewKey(
                parsed.GetValue(domain)!.ToLowerInvariant().TrimEnd('.'),
                parsed.GetValue(selector) ?? $"relay-{around.Time.GetUtcNow():yyyyMM}",
                parsed.GetValue(algorithm)!,
                parsed.GetValue(bits));
            if (order.Fault is { } fault)
            {
                return around.Fail(ExitCodes.Usage, fault);
            }

            var path = Path.GetFullPath(parsed.GetValue(file) ?? $"{order.Selector}.{order.Domain}.pem", around.WorkingFolder);
            return Run(order, path, parsed.GetValue(json), around);
        });
        return command;
    }

    private static int Run(NewKey order, string path, bool json, Surroundings around)
    {
        var (key, pem) = order.Make(path, around.Secrets);
        try
        {
            Write(path, pem);
        }
        catch (IOException) when (Path.Exists(path))
        {
            return around.Fail(ExitCodes.Negative, $"there is a file {path}, and no key is written over another: name one with --out");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return around.Fail(ExitCodes.Unreachable, $"cannot write {path}: {e.Message}");
        }

        around.Out.WriteLine(json ? DkimText.Json(key, path) : DkimText.Of(key, path));
        return ExitCodes.Done;
    }

    /// <summary>The file is its owner's alone from its first octet on.</summary>
    private static void Write(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(pem));
    }
}
