namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static void Text()
    {
        string line = TextTruncator.Truncate("The quick brown fox", new(10)); // "The quick…"
        string path = TextTruncator.Truncate("/var/lib/data/2026/log.txt", new(12, Position: TruncationPosition.Middle)); // "/var/l…g.txt"

        Assert.Equal("The quick…", line);
        Assert.Equal("/var/l…g.txt", path);
    }
}
