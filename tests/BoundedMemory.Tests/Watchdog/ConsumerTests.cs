namespace BoundedMemory.Tests.Watchdog;

public class ConsumerTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    [Fact]
    public void Fail_AgainAndAgain_IsLeftAloneForTwiceAsLongEachTimeUpToALimit()
    {
        var consumer = new Consumer(new FakeConsumer(1));
        consumer.Fail(TimeSpan.Zero, Pause);
        consumer.Fail(TimeSpan.Zero, Pause);
        Assert.False(consumer.IsAvoided(TimeSpan.Zero));
        foreach (int seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 64, 64 })
        {
            consumer.Fail(TimeSpan.Zero, Pause);
            Assert.True(consumer.IsAvoided((seconds * Pause) - TimeSpan.FromTicks(1)));
            Assert.False(consumer.IsAvoided(seconds * Pause));
        }
    }

    [Fact]
    public void Succeed_ForgetsTheFailures()
    {
        var consumer = new Consumer(new FakeConsumer(1));
        for (int i = 0; i < 5; i++)
        {
            consumer.Fail(TimeSpan.Zero, Pause);
        }

        consumer.Succeed();
        Assert.False(consumer.IsAvoided(TimeSpan.Zero));
        consumer.Fail(TimeSpan.Zero, Pause);
        consumer.Fail(TimeSpan.Zero, Pause);
        Assert.False(consumer.IsAvoided(TimeSpan.Zero));
    }
}
