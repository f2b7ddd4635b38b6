namespace Relay.Fuzz;

/// <summary>In which pieces a client sends.</summary>
internal enum Chunking
{
    Whole,
    Lines,
    Octets,
    Random,
}

/// <summary>What fails in the spool during a session.</summary>
internal enum SpoolTrouble
{
    None,
    FirstAccept,
    FirstCreate,
}

/// <summary>One client: all that it will send, and what it meets.</summary>
internal sealed record ClientSession(bool IsTrusted, byte[] Input, Chunking Chunking, int ChunkSeed, SpoolTrouble Trouble, bool LogsCommands)
{
    /// <summary>The input, cut.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Chunks()
    {
        var random = new Random(ChunkSeed);
        for (var start = 0; start < Input.Length;)
        {
            var length = Math.Min(Chunking switch
            {
                Chunking.Lines => Input.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : Input.Length,
                Chunking.Octets => 1,
                Chunking.Random => random.Next(1, 1 << random.Next(1, 12)),
                _ => Input.Length,
            }, Input.Length - start);
            yield return Input.AsMemory(start, length);
            start += length;
        }
    }
}
