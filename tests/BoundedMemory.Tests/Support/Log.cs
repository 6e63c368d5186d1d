namespace BoundedMemory.Tests.Support;

/// <summary>What was reported, in order, from any thread.</summary>
internal sealed class Log<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    public void Add(T item)
    {
        lock (_gate)
        {
            _items.Add(item);
        }
    }

    /// <summary>Returns what was reported and forgets it.</summary>
    public IReadOnlyList<T> Take()
    {
        lock (_gate)
        {
            T[] items = [.. _items];
            _items.Clear();
            return items;
        }
    }
}
