namespace Relay.SmtpIngress;

/// <summary>Names of sessions for logs and the status: ten characters that sort by time and are easy to read out.</summary>
internal sealed class SessionId(TimeProvider time)
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 10;
    private const int CounterBits = 18;

    private long counter;

    /// <summary>The next name: 32 bits of the time in seconds and 18 of a counter, five bits a character.</summary>
    public string Next()
    {
        var count = Interlocked.Increment(ref counter) & ((1 << CounterBits) - 1);
        var number = (time.GetUtcNow().ToUnixTimeSeconds() << CounterBits) | count;
        return string.Create(Length, number, static (name, bits) =>
        {
            for (var i = Length - 1; i >= 0; i--)
            {
                name[i] = Alphabet[(int)(bits & 31)];
                bits >>= 5;
            }
        });
    }
}
