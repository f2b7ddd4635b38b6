using System.Diagnostics;
using System.Text;
using Relay.Status;

namespace Relay.EndToEnd;

/// <summary>A disk that is really full: a small file system made for the test, which takes root on Linux.</summary>
public sealed class DiskFullTests
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(200_000)]
    public async Task A_full_disk_refuses_for_now_loses_nothing_and_takes_mail_again(int size)
    {
        var disk = Directory.CreateTempSubdirectory("relay-disk-").FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk), "needs to mount a small file system");
        try
        {
            await using var relay = await WholeRelay.StartAsync(o => o, Path.Combine(disk, "data"));
            var content = Encoding.ASCII.GetBytes("Subject: full\r\n\r\n" + new string('x', size) + "\r\n");
            var accepted = 0;
            string reply;
            while ((reply = await relay.SubmitAsync(content, "app@example.com", "a@example.net")).StartsWith("250", StringComparison.Ordinal))
            {
                accepted++;
            }

            Assert.Equal("451 4.3.1 Not enough room now, try again later", reply);
            Assert.True(Run("mount", "-o", "remount,size=64m", disk));
            await relay.FinalAsync(await relay.AcceptAsync(content, "app@example.com", "b@example.net"));

            StatusPage page;
            do
            {
                page = await relay.SearchAsync(new StatusQuery { Limit = StatusQuery.MaxLimit, State = RecipientState.Delivered });
            }
            while (page.Messages.Count < Math.Min(accepted + 1, StatusQuery.MaxLimit));

            Assert.All(page.Messages, m => Assert.True(m.HasContent));
        }
        finally
        {
            Run("umount", disk);
        }

        Directory.Delete(disk);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
