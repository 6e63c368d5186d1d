namespace Reproduce;

/// <summary>What has happened, oldest first.</summary>
internal interface IHistory<T> : ISubject
{
    void Add(T item);

    /// <summary>Everything that can still be read, wherever it is.</summary>
    IEnumerable<T> All { get; }

    /// <summary>Waits until whatever has left the memory for a file is there.</summary>
    void Settle()
    {
    }
}

/// <summary>As the desk had it: a list.</summary>
internal sealed class UnboundedHistory<T> : IHistory<T>
{
    private readonly List<T> _items = [];

    public long Entries => _items.Count;

    public Flow Flow => new(_items.Count, _items.Count, new Dictionary<string, long>());

    public IEnumerable<T> All => _items;

    public void Add(T item) => _items.Add(item);

    public void Dispose() => _items.Clear();
}
