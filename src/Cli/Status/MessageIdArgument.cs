using System.CommandLine;
using Relay.Mail;

namespace Relay.Cli.Status;

/// <summary>The argument that names a message.</summary>
internal static class MessageIdArgument
{
    public static Argument<string> Create()
    {
        var argument = new Argument<string>("ID") { Description = "The message id, as the 250 reply and 'relay list' show it" };
        argument.Validators.Add(result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (!MessageId.TryParse(text, out _))
            {
                result.AddError($"'{text}' is not a message id: it has 32 hexadecimal digits");
            }
        });
        return argument;
    }

    public static MessageId Of(ParseResult parsed, Argument<string> argument) =>
        MessageId.TryParse(parsed.GetValue(argument), out var id) ? id : throw new InvalidOperationException("not validated");
}
