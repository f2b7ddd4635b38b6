using System.Net.NetworkInformation;
using System.Text;

namespace Relay.Options;

/// <summary>The name that Relay gives itself when none is configured.</summary>
internal static class HostNames
{
    /// <summary>The machine's name with its domain where it has one. Nothing is asked of DNS: a start must not hang on it.</summary>
    public static string OfMachine()
    {
        var name = System.Net.Dns.GetHostName();
        return MakeValid(name.Contains('.') ? name : $"{name}.{IPGlobalProperties.GetIPGlobalProperties().DomainName}");
    }

    /// <summary>The valid labels of a name that a system gives; <c>localhost</c> when there are none.</summary>
    public static string MakeValid(string name)
    {
        var labels = name.Split('.').Select(Label).Where(label => label.Length > 0);
        var valid = string.Join('.', labels);
        return ValueKinds.HostName.Parse(valid, out _) ? valid : "localhost";
    }

    private static string Label(string text)
    {
        // What getdomainname gives on a machine without one.
        if (text == "(none)")
        {
            return "";
        }

        var label = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            label.Append(char.IsAsciiLetterOrDigit(c) ? c : '-');
        }

        return label.ToString().Trim('-');
    }
}
