using BoundedMemory;

namespace Reproduce;

/// <summary>One hub: a message is made ready once, and waits once for all connections.</summary>
internal sealed class BoundedStreams : IStreams
{
    private readonly BroadcastHub<string> _hub;
    private readonly Dictionary<int, HubSubscription<string>> _connections = [];
    private readonly Dictionary<int, int> _lastRead = [];
    private readonly Dictionary<int, int> _closedAt = [];
    private long _lost;
    private long _longest;
    private int _second;

    public BoundedStreams(BroadcastHubOptions<string> options)
    {
        _hub = new BroadcastHub<string>(options);
        Bounds =
        [
            new Bound("bytes", options.MaxBytes!.Value, IsBytes: true, () => _hub.Bytes),
            new Bound("messages", options.MaxCount!.Value, IsBytes: false, () => _hub.Count),
        ];
    }

    public long Entries => _hub.Count;

    public long? MaxBytes => _hub.MaxBytes;

    public IReadOnlyList<Bound> Bounds { get; }

    public Flow Flow
    {
        get
        {
            HubStatistics hub = _hub.Statistics;
            return new Flow(
                hub.Published,
                hub.Count,
                new Dictionary<string, long> { ["evicted"] = hub.Evicted, ["trimmed"] = hub.Trimmed },
                hub.RejectedTooLarge + hub.RejectedOverBudget + hub.RejectedSizeUnknown);
        }
    }

    public IReadOnlyDictionary<string, double> Facts => new Dictionary<string, double>
    {
        [StreamFacts.Connections] = _hub.Statistics.Subscribers,
        [StreamFacts.LongestQueue] = _longest,
        [StreamFacts.LostByReaders] = _lost,
        [StreamFacts.MinutesToClose] = _closedAt.Count == 0 ? 0 : _closedAt.Max(closed => closed.Value - _lastRead[closed.Key]) / 60.0,
    };

    public void Connect(int connection)
    {
        _connections.Add(connection, _hub.Subscribe());
        _lastRead[connection] = 0;
    }

    public void Publish(string message)
    {
        _hub.Publish($"data: {message}\n\n");
        foreach (HubSubscription<string> connection in _connections.Values)
        {
            _longest = Math.Max(_longest, Math.Min(connection.Lag, _hub.Count));
        }
    }

    public void ReadAll(int connection)
    {
        _lastRead[connection] = _second;
        while (_connections[connection].TryRead(out HubMessage<string> message))
        {
            _lost += message.Missed;
        }
    }

    public void Note(int second)
    {
        _second = second;
        foreach ((int number, HubSubscription<string> connection) in _connections)
        {
            if (connection.CloseCause == HubCloseCause.Idle)
            {
                _closedAt.TryAdd(number, second);
            }
        }
    }

    public void Dispose() => _hub.Dispose();
}
