namespace BoundedMemory.Tests.Cache;

/// <summary>A cache that has been emptied, in whatever way, gives the room of its table back without being written to again.</summary>
public class CacheShrinkTests
{
    private const int Entries = 100_000;

    [Theory]
    [InlineData("removed")]
    [InlineData("cleared")]
    [InlineData("trimmed")]
    [InlineData("resized")]
    public void Table_OfACacheThatIsEmptied_IsSmallAgain(string way)
    {
        using var cache = new BoundedCache<int, int>(new() { MaxBytes = 100_000_000 });
        for (int i = 0; i < Entries; i++)
        {
            cache.Set(i, i);
        }

        long full = cache.Statistics.OverheadBytes;
        Assert.True(full > Entries * 8, "The table did not grow.");
        switch (way)
        {
            case "removed":
                for (int i = 0; i < Entries; i++)
                {
                    cache.TryRemove(i);
                }

                break;
            case "cleared":
                cache.Clear();
                break;
            case "trimmed":
                cache.Trim(long.MaxValue);
                break;
            default:
                Assert.True(cache.TryResize(maxCount: 10));
                break;
        }

        Assert.InRange(cache.Count, 0, 10);
        Assert.InRange(cache.Statistics.OverheadBytes, 1, full / 8);
        cache.Verify();
    }
}
