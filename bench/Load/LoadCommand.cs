using System.CommandLine;

namespace Relay.Load;

/// <summary>The command line: one load, one line of JSON.</summary>
internal static class LoadCommand
{
    /// <summary>A password on the command line would be seen by everybody on the machine.</summary>
    private const string PasswordVariable = "LOAD_PASSWORD";

    private static readonly Argument<int> Port = new("port") { Description = "the server's port on 127.0.0.1" };
    private static readonly Option<int> Sessions = Number("--sessions", 20, "sessions at the same time");
    private static readonly Option<int> Messages = Number("--messages", 1000, "messages in all");
    private static readonly Option<int> Length = Number("--length", 4096, "octets of a message");
    private static readonly Option<int> Timeout = Number("--timeout", 300, "seconds until what is not done fails");
    private static readonly Option<bool> Keep = new("--keep") { Description = "one connection a session, not one a message" };
    private static readonly Option<bool> StartTls = new("--starttls") { Description = "TLS by STARTTLS" };
    private static readonly Option<bool> Implicit = new("--implicit") { Description = "TLS before the greeting" };
    private static readonly Option<bool> Resume = new("--resume") { Description = "connections may resume a TLS session" };
    private static readonly Option<string?> User = new("--user")
    {
        Description = $"sign in by AUTH PLAIN; the password is in the environment variable {PasswordVariable}",
    };

    private static readonly Option<string> From = Text("--from", "sender@example.com", "the reverse-path");
    private static readonly Option<string> To = Text("--to", "recipient@example.net", "the forward-path");

    /// <summary>The command. Its exit code is 1 when a message was not taken.</summary>
    public static RootCommand Create()
    {
        var command = new RootCommand("Loads an SMTP server on 127.0.0.1 and prints messages, seconds and errors as JSON.")
        {
            Port, Sessions, Messages, Length, Timeout, Keep, StartTls, Implicit, Resume, User, From, To,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(StartTls) && result.GetValue(Implicit))
            {
                result.AddError("--starttls and --implicit exclude each other");
            }
        });
        command.SetAction(async parsed =>
        {
            var options = Options(parsed);
            var report = await Load.RunAsync(options, TimeProvider.System);
            report.Write(Console.OpenStandardOutput());
            return report.Errors == 0 && report.Messages == options.Messages ? 0 : 1;
        });
        return command;
    }

    private static LoadOptions Options(ParseResult parsed) => new()
    {
        Port = parsed.GetValue(Port),
        Sessions = parsed.GetValue(Sessions),
        Messages = parsed.GetValue(Messages),
        Length = parsed.GetValue(Length),
        Timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout)),
        Keep = parsed.GetValue(Keep),
        Tls = parsed.GetValue(StartTls) ? TlsMode.StartTls : parsed.GetValue(Implicit) ? TlsMode.Implicit : TlsMode.Off,
        Resume = parsed.GetValue(Resume),
        User = parsed.GetValue(User),
        Password = Environment.GetEnvironmentVariable(PasswordVariable) ?? "",
        From = parsed.GetRequiredValue(From),
        To = parsed.GetRequiredValue(To),
    };

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be positive");
            }
        });
        return option;
    }

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
