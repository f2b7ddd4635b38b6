using System.Globalization;
using Relay.Fuzz;

const int ShortRun = 20_000;
const int LongRun = 1_000_000;

var (sessions, seed) = (LongRun, 1L);
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--short":
            sessions = ShortRun;
            break;
        case "--sessions" when i + 1 < args.Length:
            sessions = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--seed" when i + 1 < args.Length:
            seed = long.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        default:
            Console.WriteLine("Usage: [--short] [--sessions N] [--seed S]");
            return 2;
    }
}

return await new Campaign(sessions, seed).RunAsync() ? 0 : 1;
