using System.Threading.Channels;

namespace BoundedMemory.Comparison;

/// <summary>Something that tells many the same.</summary>
internal abstract class HubSubject : IDisposable
{
    public const string Channels = "N channels DropOldest";

    public static readonly IReadOnlyDictionary<string, Func<int, int, HubSubject>> ByName = new Dictionary<string, Func<int, int, HubSubject>>
    {
        ["BroadcastHub"] = (subscribers, readers) => new OfHub(new() { MaxCount = Hub.Capacity, MaxSubscribers = subscribers }, subscribers, readers),
        ["BroadcastHub count+bytes"] = (subscribers, readers) =>
            new OfHub(new() { MaxCount = Hub.Capacity, MaxBytes = 20_000_000, MaxSubscribers = subscribers }, subscribers, readers),
        [Channels] = (subscribers, readers) => new OfChannels(subscribers, readers),
    };

    public abstract void Publish(object message);

    /// <summary>Those subscribers that read take all there is; returns how many messages that were in all.</summary>
    public abstract long ReadAll();

    public abstract void Dispose();

    private sealed class OfHub : HubSubject
    {
        private readonly BroadcastHub<object> _hub;
        private readonly HubSubscription<object>[] _readers;
        private readonly HubMessage<object>[] _batch = new HubMessage<object>[64];

        public OfHub(BroadcastHubOptions<object> options, int subscribers, int readers)
        {
            _hub = new BroadcastHub<object>(options);
            HubSubscription<object>[] all = [.. Enumerable.Range(0, subscribers).Select(_ => _hub.Subscribe())];
            _readers = all[..readers];
        }

        public override void Publish(object message) => _hub.Publish(message);

        public override long ReadAll()
        {
            long read = 0;
            foreach (HubSubscription<object> reader in _readers)
            {
                for (int count = _batch.Length; count == _batch.Length; read += count)
                {
                    count = reader.ReadBatch(_batch);
                }
            }

            return read;
        }

        public override void Dispose() => _hub.Dispose();
    }

    private sealed class OfChannels(int subscribers, int readers) : HubSubject
    {
        private readonly Channel<object>[] _channels = [.. Enumerable.Range(0, subscribers)
            .Select(_ => Channel.CreateBounded<object>(new BoundedChannelOptions(Hub.Capacity) { FullMode = BoundedChannelFullMode.DropOldest }))];

        public override void Publish(object message)
        {
            foreach (Channel<object> channel in _channels)
            {
                channel.Writer.TryWrite(message);
            }
        }

        public override long ReadAll()
        {
            long read = 0;
            foreach (Channel<object> channel in _channels.AsSpan(0, readers))
            {
                while (channel.Reader.TryRead(out _))
                {
                    read++;
                }
            }

            return read;
        }

        public override void Dispose()
        {
        }
    }
}
