namespace Relay.Fuzz;

/// <summary>Makes a failing session as short as it can while it fails in the same way.</summary>
internal static class Shrinker
{
    public static async Task<ClientSession> ShrinkAsync(ClientSession failing, string complaint)
    {
        foreach (var simpler in new[] { failing with { Trouble = SpoolTrouble.None }, failing with { Chunking = Chunking.Whole } })
        {
            failing = await FailsAsync(simpler, complaint) ? simpler : failing;
        }

        for (var length = failing.Input.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= failing.Input.Length;)
            {
                var shorter = failing with { Input = [.. failing.Input[..at], .. failing.Input[(at + length)..]] };
                if (await FailsAsync(shorter, complaint))
                {
                    failing = shorter;
                }
                else
                {
                    at += length;
                }
            }
        }

        return failing;
    }

    private static async Task<bool> FailsAsync(ClientSession session, string complaint) =>
        Judge.Complaint(session, await SessionRun.RunAsync(session)) is { } found && Kind(found) == Kind(complaint);

    private static string Kind(string complaint) => complaint.Split(' ')[0];
}
