namespace Reproduce;

/// <summary>As the backend had them: a queue per connection, for as long as the server runs, and each message made ready to be sent in each.</summary>
internal sealed class UnboundedStreams : IStreams
{
    private readonly Dictionary<int, Queue<string>> _queues = [];
    private long _entered;
    private long _read;
    private int _longest;

    public long Entries => _queues.Values.Sum(queue => queue.Count);

    public Flow Flow => new(_entered, Entries, new Dictionary<string, long> { ["read"] = _read });

    public IReadOnlyDictionary<string, double> Facts => new Dictionary<string, double>
    {
        [StreamFacts.Connections] = _queues.Count,
        [StreamFacts.LongestQueue] = _longest,
        [StreamFacts.LostByReaders] = 0,
        [StreamFacts.MinutesToClose] = 0,
    };

    public void Connect(int connection) => _queues.Add(connection, new Queue<string>());

    public void Publish(string message)
    {
        foreach (Queue<string> queue in _queues.Values)
        {
            queue.Enqueue($"data: {message}\n\n");
            _entered++;
            _longest = Math.Max(_longest, queue.Count);
        }
    }

    public void ReadAll(int connection)
    {
        while (_queues[connection].TryDequeue(out _))
        {
            _read++;
        }
    }

    public void Note(int second)
    {
    }

    public void Dispose() => _queues.Clear();
}
