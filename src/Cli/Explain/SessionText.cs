using Relay.Accounts;

namespace Relay.Cli.Explain;

/// <summary>Attempts to sign in for people. What a client sent is shown on one line and without control characters.</summary>
internal static class SessionText
{
    public static void Write(TextWriter output, IReadOnlyList<SignIn> signIns)
    {
        for (var i = 0; i < signIns.Count; i++)
        {
            if (i > 0)
            {
                output.WriteLine();
            }

            Columns.Write(output, Rows(signIns[i]));
        }
    }

    private static List<string[]> Rows(SignIn signIn)
    {
        List<string[]> rows =
        [
            ["verdict", signIn.Result.Word()],
            ["time", Text.Time(signIn.At)],
            ["account", Text.OneLine(signIn.Account ?? "none was named")],
            ["client", Text.OneLine(signIn.ClientAddress ?? "its address is not known")],
            ["mechanism", Text.OneLine(signIn.Mechanism)],
        ];
        if (signIn.Detail is { } detail)
        {
            rows.Add(["detail", Text.OneLine(detail)]);
        }

        rows.Add(["to do", SignInAdvice.On(signIn.Result).Replace("`", "'", StringComparison.Ordinal)]);
        return rows;
    }
}
