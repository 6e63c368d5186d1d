namespace BoundedMemory.Tests.Watchdog;

public class PendingGarbageTests
{
    [Fact]
    public void Collect_TakesAwayWhatWasGivenBeforeTheCollectionBegan()
    {
        var pending = new PendingGarbage();
        pending.Add(10, begun: 4);
        pending.Add(20, begun: 5);
        pending.Add(0, begun: 5);
        pending.Collect(lastFull: 4);
        Assert.Equal(30, pending.Bytes);
        pending.Collect(lastFull: 5);
        Assert.Equal(20, pending.Bytes);
        pending.Collect(lastFull: 6);
        Assert.Equal(0, pending.Bytes);
    }

    [Fact]
    public void Add_ManyBetweenCollections_LosesNothingAndTheNewestWaitTogether()
    {
        var pending = new PendingGarbage();
        for (int i = 1; i <= 12; i++)
        {
            pending.Add(10, begun: i);
        }

        pending.Collect(lastFull: 0);
        Assert.Equal(120, pending.Bytes);
        pending.Collect(lastFull: 12);
        Assert.Equal(50, pending.Bytes);
        pending.Collect(lastFull: 13);
        Assert.Equal(0, pending.Bytes);
    }
}
