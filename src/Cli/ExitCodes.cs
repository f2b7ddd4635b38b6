namespace Relay.Cli;

/// <summary>How a command ends. <c>docs/cli.md</c> and the help are compared with <see cref="Meanings"/>.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Negative = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;

    /// <summary>EX_SOFTWARE of sysexits.h.</summary>
    public const int Internal = 70;

    /// <summary>What each means, for people.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Done, "done"),
        (Negative, "no such message, account, session, lock, domain, alias or suppression; an account, a configured domain or a file of that name is there; not delivered to everyone; mail to an address would be refused or bounce; or a domain has something to change"),
        (Usage, "wrong usage, or a fault in the configuration"),
        (Unreachable, "the data folder, a certificate, a key, the relay, an address to listen on or an answer from DNS cannot be had"),
        (Internal, "a fault of relay itself; --verbose shows where"),
    ];
}
