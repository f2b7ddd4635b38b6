using Relay.Support;

namespace Relay.EndToEnd.Clients;

/// <summary>
/// A Postfix of its own in a temporary folder, that sends all mail to Relay. It listens nowhere, and no service of the
/// system is touched. It takes root.
/// </summary>
internal sealed class PostfixClient : IAsyncDisposable
{
    private const string Master = """
        pickup    unix n - n 1 1 pickup
        cleanup   unix n - n - 0 cleanup
        qmgr      unix n - n 300 1 qmgr
        tlsmgr    unix - - n 1000? 1 tlsmgr
        rewrite   unix - - n - - trivial-rewrite
        bounce    unix - - n - 0 bounce
        defer     unix - - n - 0 bounce
        trace     unix - - n - 0 bounce
        proxymap  unix - - n - - proxymap
        smtp      unix - - n - - smtp
        error     unix - - n - - error
        retry     unix - - n - - error
        scache    unix - - n - 1 scache
        postlog   unix-dgram n - n - 1 postlogd

        """;

    private readonly string folder;

    private PostfixClient(string folder) => this.folder = folder;

    private string Config => Path.Combine(folder, "etc");

    public static async Task<PostfixClient> StartAsync(ClientRelay relay, string mechanism, bool startTls)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix starts as root");
        Needs.Program("postfix", "Debian's package postfix");
        Needs.File(SaslModule("libplain.so"), "Debian's package libsasl2-modules");
        var postfix = new PostfixClient(SharedFolder.Create("relay-postfix-"));
        await postfix.ConfigureAsync(relay, mechanism, startTls);
        await Client.SucceedAsync("postfix", ["-c", postfix.Config, "start"]);
        return postfix;
    }

    /// <summary>Hands it a message as programs of this machine do, and waits until it says what became of it.</summary>
    public async Task SendAsync(string letter, string from, string to)
    {
        await Client.SucceedAsync(Needs.Program("sendmail", "Debian's package postfix"), ["-C", Config, "-i", "-f", from, to], letter);
        string log;
        do
        {
            log = await File.ReadAllTextAsync(Path.Combine(folder, "log", "mail.log"));
        }
        while (!log.Contains(" status="));

        Assert.True(log.Contains(" status=sent "), log);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.RunAsync("postfix", ["-c", Config, "stop"]);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Below a folder that is named for the machine's architecture.</summary>
    private static string SaslModule(string name)
    {
        var places = Directory.GetDirectories("/usr/lib").Select(folder => Path.Combine(folder, "sasl2", name)).ToArray();
        return places.FirstOrDefault(File.Exists) ?? places[0];
    }

    private async Task ConfigureAsync(ClientRelay relay, string mechanism, bool startTls)
    {
        foreach (var name in new[] { "etc", "queue", "data", "log" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        await Client.SucceedAsync("chown", ["postfix", Path.Combine(folder, "data")]);
        var next = $"[localhost]:{(startTls ? relay.StartTls : relay.Implicit)}";
        var passwords = Path.Combine(Config, "passwords");
        await File.WriteAllTextAsync(passwords, $"{next} {ClientRelay.Account}:{ClientRelay.Password}\n");
        await File.WriteAllTextAsync(Path.Combine(Config, "master.cf"), Master);
        await File.WriteAllTextAsync(Path.Combine(Config, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {folder}/queue
            data_directory = {folder}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            shlib_directory = /usr/lib/postfix
            maillog_file = {folder}/log/mail.log
            maillog_file_prefixes = {folder}
            myhostname = postfix.test
            mydestination =
            alias_maps =
            inet_protocols = ipv4
            relayhost = {next}
            smtp_host_lookup = native
            smtp_tls_security_level = verify
            smtp_tls_wrappermode = {(startTls ? "no" : "yes")}
            smtp_tls_CAfile = {relay.CertificateFile}
            smtp_sasl_auth_enable = yes
            smtp_sasl_password_maps = texthash:{passwords}
            smtp_sasl_security_options = noanonymous
            smtp_sasl_mechanism_filter = {mechanism}

            """);
    }
}
