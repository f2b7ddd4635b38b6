using System.Text;

namespace Relay.Tests.Transport;

/// <summary>Contents that are easily spoiled on the way.</summary>
internal static class Contents
{
    /// <summary>A megabyte of lines of all lengths up to 998 octets, with leading dots, lone dots, empty lines and 8-bit text.</summary>
    public static byte[] OneMegabyte()
    {
        var random = new Random(42);
        var content = new MemoryStream();
        content.Write("Subject: large\r\n\r\n"u8);
        while (content.Length < 1024 * 1024)
        {
            switch (random.Next(10))
            {
                case 0:
                    content.Write(".\r\n"u8);
                    break;
                case 1:
                    content.Write("..\r\n"u8);
                    break;
                case 2:
                    content.Write("\r\n"u8);
                    break;
                case 3:
                    content.Write(Encoding.UTF8.GetBytes(".§ Größe\r\n"));
                    break;
                default:
                    content.Write(Encoding.ASCII.GetBytes(new string((char)random.Next(' ', '~'), random.Next(1, 990)) + "\r\n"));
                    break;
            }
        }

        return content.ToArray();
    }
}
