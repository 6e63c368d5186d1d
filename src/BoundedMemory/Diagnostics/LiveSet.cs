namespace BoundedMemory;

/// <summary>Objects that are in use, held weakly: one that is dropped without being removed is collected, and its link forgotten when the set is next
/// listed, or has grown to twice its size. What it takes is in proportion to the objects that are alive.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private const int LeastPurge = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<WeakReference<T>> _items = [];

    /// <summary>Number of links at which those that lead nowhere are looked for.</summary>
    private int _purgeAt = LeastPurge;

    /// <summary>Adds an object; what is returned removes it.</summary>
    public WeakReference<T> Add(T item)
    {
        var link = new WeakReference<T>(item);
        lock (_gate)
        {
            if (_items.Count >= _purgeAt)
            {
                Purge(alive: null);
            }

            _items.Add(link);
        }

        return link;
    }

    public void Remove(WeakReference<T> link)
    {
        lock (_gate)
        {
            _items.Remove(link);
            _items.TrimIfSparse();
        }
    }

    /// <summary>The objects that are alive.</summary>
    public List<T> List()
    {
        var alive = new List<T>();
        lock (_gate)
        {
            Purge(alive);
        }

        return alive;
    }

    private void Purge(List<T>? alive)
    {
        _items.RemoveWhere(link =>
        {
            if (link.TryGetTarget(out T? item))
            {
                alive?.Add(item);
                return false;
            }

            return true;
        });
        _items.TrimIfSparse();
        _purgeAt = Math.Max(LeastPurge, 2 * _items.Count);
    }
}
