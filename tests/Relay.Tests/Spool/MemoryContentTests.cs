using Relay.Spool;
using Relay.Support;

namespace Relay.Tests.Spool;

public sealed class MemoryContentTests : ContentContract
{
    protected override ISpool Open() => new MemorySpool();
}
