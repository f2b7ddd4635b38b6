using System.Diagnostics;
using System.Text;
using Relay.Signing;
using Relay.Support;

namespace Relay.Tests.Signing;

/// <summary>DKIM by dkimpy, which shares nothing with this project. It works on files of a folder, with keys that it is given in place of DNS.</summary>
internal sealed class Dkimpy : IDisposable
{
    private const string Python = "/usr/bin/python3";

    /// <summary>For each message: the result of each of its signatures.</summary>
    private const string Verify = """
        import dkim, sys, os
        folder = sys.argv[1]
        keys = dict(line.rstrip("\n").split(" ", 1) for line in open(folder + "/keys"))
        find = lambda name, timeout=5: keys.get(name.decode().rstrip(".").lower(), "").encode()
        for name in sorted(n for n in os.listdir(folder) if n.endswith(".eml")):
            try:
                message = dkim.DKIM(open(folder + "/" + name, "rb").read())
                count = len([h for h in message.headers if h[0].lower() == b"dkim-signature"])
                print(name, *("pass" if message.verify(i, dnsfunc=find) else "fail" for i in range(count)))
            except Exception as e:
                print(name, "error", repr(e))
        """;

    /// <summary>For each message: what its chain of ARC comes to.</summary>
    private const string VerifyChains = """
        import dkim, sys, os
        folder = sys.argv[1]
        keys = dict(line.rstrip("\n").split(" ", 1) for line in open(folder + "/keys"))
        find = lambda name, timeout=5: keys.get(name.decode().rstrip(".").lower(), "").encode()
        for name in sorted(n for n in os.listdir(folder) if n.endswith(".eml")):
            status, results, reason = dkim.arc_verify(open(folder + "/" + name, "rb").read(), dnsfunc=find)
            print(name, status.decode() if status else status)
        """;

    /// <summary>Puts a signature before each message.</summary>
    private const string SignAll = """
        import dkim, sys, os
        folder, domain, selector, algorithm, header, body = sys.argv[1:7]
        key = open(folder + "/private", "rb").read()
        for name in sorted(n for n in os.listdir(folder) if n.endswith(".eml")):
            message = open(folder + "/" + name, "rb").read()
            field = dkim.sign(message, selector.encode(), domain.encode(), key, canonicalize=(header.encode(), body.encode()), signature_algorithm=algorithm.encode())
            open(folder + "/" + name, "wb").write(field + message)
            print(name, "signed")
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("relay-dkimpy-").FullName;

    public Dkimpy()
    {
        Needs.File(Python, "python3");
        Needs.File("/usr/lib/python3/dist-packages/dkim/__init__.py", "the Debian package python3-dkim");
        Needs.File("/usr/lib/python3/dist-packages/nacl/__init__.py", "the Debian package python3-nacl");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Such as <c>a.eml pass pass</c>.</summary>
    public async Task<IReadOnlyList<string>> VerifyAsync(IEnumerable<(string Name, byte[] Content)> messages, params SigningKey[] keys)
    {
        Write(messages);
        await File.WriteAllLinesAsync(Path.Combine(folder, "keys"), keys.Select(key => $"{key.RecordName} {key.RecordText}"));
        return await RunAsync(Verify, folder);
    }

    /// <summary>Such as <c>a.eml pass</c>.</summary>
    public async Task<IReadOnlyList<string>> VerifyChainsAsync(IEnumerable<(string Name, byte[] Content)> messages, params SigningKey[] keys)
    {
        Needs.File("/usr/lib/python3/dist-packages/authres/__init__.py", "the Debian package python3-authres");
        Write(messages);
        await File.WriteAllLinesAsync(Path.Combine(folder, "keys"), keys.Select(key => $"{key.RecordName} {key.RecordText}"));
        return await RunAsync(VerifyChains, folder);
    }

    /// <summary>The messages, each behind a signature.</summary>
    /// <param name="privateKey">PEM for RSA; the 32 octets in base64 for Ed25519.</param>
    public async Task<IReadOnlyList<(string Name, byte[] Content)>> SignAsync(
        IEnumerable<(string Name, byte[] Content)> messages, SigningKey key, string privateKey, string header, string body)
    {
        Write(messages);
        await File.WriteAllTextAsync(Path.Combine(folder, "private"), privateKey);
        var signed = await RunAsync(SignAll, folder, key.Domain, key.Selector, key.AlgorithmName, header, body);
        return [.. signed.Select(line => line.Split(' ')[0]).Select(name => (name, File.ReadAllBytes(Path.Combine(folder, name))))];
    }

    private void Write(IEnumerable<(string Name, byte[] Content)> messages)
    {
        foreach (var (name, content) in messages)
        {
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }
    }

    private static async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
