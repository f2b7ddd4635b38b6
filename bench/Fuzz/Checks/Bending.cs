using System.Text;

namespace Relay.Fuzz.Checks;

/// <summary>Makes something else of a text: pieces cut out, doubled, moved, bits flipped, and what readers stumble over put in.</summary>
internal static class Bending
{
    /// <summary>Changes it in one to <paramref name="most"/> places; of <paramref name="splices"/> some are put in.</summary>
    public static string Bent(string text, Random random, string[] splices, int most = 6)
    {
        var bent = new StringBuilder(text);
        for (var changes = random.Next(1, most + 1); changes > 0; changes--)
        {
            var at = random.Next(bent.Length + 1);
            var length = Math.Min(1 << random.Next(8), bent.Length - at);
            switch (random.Next(8))
            {
                case 0 when length > 0:
                    bent[at] ^= (char)(1 << random.Next(8));
                    break;
                case 1:
                    bent.Remove(at, length);
                    break;
                case 2:
                    bent.Insert(at, bent.ToString(at, length));
                    break;
                case 3:
                    bent.Insert(random.Next(bent.Length + 1), bent.ToString(at, length));
                    break;
                case 4:
                    Line(bent, at, random);
                    break;
                case 5 when random.Next(8) == 0:
                    bent.Insert(at, Repeated(splices[random.Next(splices.Length)], 1 << random.Next(12)));
                    break;
                default:
                    bent.Insert(at, splices[random.Next(splices.Length)]);
                    break;
            }
        }

        return bent.ToString();
    }

    private static string Repeated(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    /// <summary>Doubles the line round this place, takes it out, or puts it elsewhere.</summary>
    private static void Line(StringBuilder bent, int at, Random random)
    {
        var text = bent.ToString();
        var begin = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        var end = at == text.Length ? at : text.IndexOf('\n', at) + 1;
        var line = text[begin..Math.Max(begin, end)];
        if (random.Next(2) == 0)
        {
            bent.Remove(begin, line.Length);
        }

        var to = bent.Length == 0 ? 0 : bent.ToString().LastIndexOf('\n', random.Next(bent.Length)) + 1;
        if (random.Next(3) != 0)
        {
            bent.Insert(to, line);
        }
    }
}
