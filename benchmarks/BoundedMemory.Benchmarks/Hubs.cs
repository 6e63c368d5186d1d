using System.Threading.Channels;
using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does a message to many cost, and what does it allocate: to publish, to read, to be waited for?</summary>
[MemoryDiagnoser]
public class Hubs
{
    private static readonly object Message = new();

    private BroadcastHub<object> _hub = null!;
    private BroadcastHub<object> _bytes = null!;
    private HubSubscription<object> _reader = null!;
    private HubSubscription<object> _filtered = null!;
    private HubSubscription<object> _waiter = null!;
    private Channel<object>[] _channels = null!;

    [Params(1, 100, 10_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _hub = new BroadcastHub<object>(new() { MaxSubscribers = Subscribers + 3 });
        _bytes = new BroadcastHub<object>(new() { MaxSubscribers = Subscribers, MaxBytes = 20_000_000 });
        for (int i = 0; i < Subscribers; i++)
        {
            _hub.Subscribe();
            _bytes.Subscribe();
        }

        _reader = _hub.Subscribe();
        _filtered = _hub.Subscribe(new() { Filter = message => message is null });
        _waiter = _hub.Subscribe();
        var options = new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest };
        _channels = [.. Enumerable.Range(0, Subscribers).Select(_ => Channel.CreateBounded<object>(options))];
    }

    [Benchmark(Baseline = true)]
    public void WriteToChannels()
    {
        foreach (Channel<object> channel in _channels)
        {
            channel.Writer.TryWrite(Message);
        }
    }

    [Benchmark]
    public AddResult Publish() => _hub.Publish(Message);

    [Benchmark]
    public AddResult PublishMeasured() => _bytes.Publish(Message);

    [Benchmark]
    public bool PublishAndRead()
    {
        _hub.Publish(Message);
        return _reader.TryRead(out _);
    }

    [Benchmark]
    public bool PublishAndHoldBack()
    {
        _hub.Publish(Message);
        return _filtered.TryRead(out _);
    }

    [Benchmark]
    public async ValueTask<long> PublishAndWake()
    {
        while (_waiter.TryRead(out _))
        {
        }

        ValueTask<HubMessage<object>> read = _waiter.ReadAsync();
        _hub.Publish(Message);
        return (await read).Sequence;
    }
}
