using System.Globalization;
using Relay.Fuzz;
using Relay.Fuzz.Checks;

const int ShortRun = 20_000;
const int LongRun = 1_000_000;
const int ShortChecks = 4_000;
const int LongChecks = 200_000;

var (sessions, messages, seed) = (LongRun, LongChecks, 1L);
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--short":
            (sessions, messages) = (ShortRun, ShortChecks);
            break;
        case "--sessions" when i + 1 < args.Length:
            (sessions, messages) = (int.Parse(args[++i], CultureInfo.InvariantCulture), 0);
            break;
        case "--messages" when i + 1 < args.Length:
            (sessions, messages) = (0, int.Parse(args[++i], CultureInfo.InvariantCulture));
            break;
        case "--seed" when i + 1 < args.Length:
            seed = long.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        default:
            Console.WriteLine("Usage: [--short] [--sessions N | --messages N] [--seed S]");
            return 2;
    }
}

var isWell = sessions == 0 || await new Campaign(sessions, seed).RunAsync();
isWell &= messages == 0 || await new CheckCampaign(messages, seed).RunAsync();
return isWell ? 0 : 1;
