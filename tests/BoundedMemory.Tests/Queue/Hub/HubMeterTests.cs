using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class HubMeterTests
{
    private const string Prefix = "bounded_memory.hub.";

    private static readonly string[] Instruments =
    [
        "published {message} ObservableCounter", "dropped {message} ObservableCounter", "rejections {message} ObservableCounter", "delivered {message} ObservableCounter",
        "filtered {message} ObservableCounter", "missed {message} ObservableCounter", "unread {message} ObservableCounter", "lag {message} ObservableGauge",
        "subscribers {subscriber} ObservableUpDownCounter", "subscribers.closed {subscriber} ObservableCounter", "subscribers.rejected {subscriber} ObservableCounter",
        "callback.failures {failure} ObservableCounter", "message.count {message} ObservableUpDownCounter", "message.limit {message} ObservableUpDownCounter",
        "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter", "utilization 1 ObservableGauge",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using var hub = new BroadcastHub<int>(new() { MeterFactory = meters.Factory });
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public void Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        var clock = new ManualTimeProvider();
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var hub = new BroadcastHub<byte[]>(new() { Name = "h", MaxCount = 4, MaxBytes = 20_000, MaxSubscribers = 4, TimeProvider = clock, MeterFactory = meters.Factory });
        HubSubscription<byte[]> idle = hub.Subscribe();
        HubSubscription<byte[]> lagging = hub.Subscribe(new() { MaxMissed = 1 });
        HubSubscription<byte[]> filtering = hub.Subscribe(new() { Filter = m => m.Length > 10 ? throw new TimeoutException() : false });
        HubSubscription<byte[]> leaving = hub.Subscribe();
        hub.TrySubscribe(null, out _);
        for (int i = 0; i < 9; i++)
        {
            hub.Publish(new byte[i + 5]);
        }

        hub.Publish(new byte[20_000]);
        lagging.TryRead(out _);
        filtering.TryRead(out _);
        leaving.TryRead(out _);
        leaving.Dispose();
        hub.Trim(1);
        clock.Advance(TimeSpan.FromMinutes(12));
        filtering = hub.Subscribe();
        hub.Publish([1]);

        HubStatistics s = hub.Statistics;
        var expected = new Dictionary<string, double>
        {
            ["published{hub.name=h}"] = s.Published,
            ["dropped{hub.name=h,cause=evicted}"] = s.Evicted,
            ["dropped{hub.name=h,cause=trimmed}"] = s.Trimmed,
            ["dropped{hub.name=h,cause=cleared}"] = 0,
            ["dropped{hub.name=h,cause=disposed}"] = 0,
            ["rejections{hub.name=h,reason=too_large}"] = s.RejectedTooLarge,
            ["rejections{hub.name=h,reason=over_budget}"] = 0,
            ["rejections{hub.name=h,reason=size_unknown}"] = 0,
            ["rejections{hub.name=h,reason=completed}"] = 0,
            ["delivered{hub.name=h}"] = s.Delivered,
            ["filtered{hub.name=h}"] = s.Filtered,
            ["missed{hub.name=h}"] = s.Missed,
            ["unread{hub.name=h}"] = s.Unread,
            ["lag{hub.name=h}"] = s.Lag,
            ["subscribers{hub.name=h}"] = s.Subscribers,
            ["subscribers.closed{hub.name=h,cause=unsubscribed}"] = s.ClosedUnsubscribed,
            ["subscribers.closed{hub.name=h,cause=idle}"] = s.ClosedIdle,
            ["subscribers.closed{hub.name=h,cause=lagged}"] = s.ClosedLagged,
            ["subscribers.closed{hub.name=h,cause=completed}"] = 0,
            ["subscribers.closed{hub.name=h,cause=disposed}"] = 0,
            ["subscribers.rejected{hub.name=h}"] = s.SubscribersRejected,
            ["callback.failures{hub.name=h}"] = s.CallbackFailures,
            ["message.count{hub.name=h}"] = s.Count,
            ["message.limit{hub.name=h}"] = 4,
            ["usage{hub.name=h}"] = s.Bytes,
            ["limit{hub.name=h}"] = 20_000,
            ["utilization{hub.name=h}"] = s.Utilization,
        };
        reading.RequireValues(Prefix, expected);
        Assert.All(
            new[] { s.Evicted, s.Trimmed, s.RejectedTooLarge, s.Delivered, s.Filtered, s.Missed, s.Unread, s.Lag, s.Subscribers, s.ClosedIdle, s.ClosedLagged, s.ClosedUnsubscribed, s.SubscribersRejected, s.CallbackFailures },
            value => Assert.True(value > 0));
        Assert.Equal(HubCloseCause.Idle, idle.CloseCause);
    }

    [Fact]
    public void Hub_Disposed_IsNotReportedAnyMore()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        new BroadcastHub<int>(new() { MeterFactory = meters.Factory }).Dispose();
        Assert.Empty(reading.Take());
    }
}
