using Relay.Checks;

namespace Relay.Options;

/// <summary>Reads what is to be checked, and how far each check may go.</summary>
internal sealed class ChecksReader(SettingsReader reader)
{
    /// <summary>The checks of the estate.</summary>
    public CheckOptions Read() => new()
    {
        Place = reader.Read(Settings.CheckPlace),
        Timeout = reader.Read(Settings.CheckTimeout),
        Modes = ReadModes(reader, Settings.Checks, item: null, CheckModes.Default),
    };

    /// <summary>The modes as given; where none is, what <paramref name="otherwise"/> says.</summary>
    public static CheckModes ReadModes(
        SettingsReader reader, IReadOnlyList<Setting<CheckAction>> settings, int? item, CheckModes otherwise)
    {
        foreach (var check in Enum.GetValues<CheckName>())
        {
            var setting = settings[(int)check];
            if (reader.IsGiven(setting, item))
            {
                otherwise = otherwise.With(check, reader.Read(setting, item));
            }
        }

        return otherwise;
    }
}
