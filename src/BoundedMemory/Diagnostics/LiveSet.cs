namespace BoundedMemory;

/// <summary>Objects that are in use, held weakly: one that is dropped without being removed is collected, and forgotten when the set is next listed.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly HashSet<WeakReference<T>> _items = [];

    /// <summary>Adds an object; what is returned removes it.</summary>
    public WeakReference<T> Add(T item)
    {
        var link = new WeakReference<T>(item);
        lock (_gate)
        {
            _items.Add(link);
        }

        return link;
    }

    public void Remove(WeakReference<T> link)
    {
        lock (_gate)
        {
            _items.Remove(link);
        }
    }

    /// <summary>The objects that are alive.</summary>
    public List<T> List()
    {
        var alive = new List<T>();
        lock (_gate)
        {
            _items.RemoveWhere(link =>
            {
                if (link.TryGetTarget(out T? item))
                {
                    alive.Add(item);
                    return false;
                }

                return true;
            });
        }

        return alive;
    }
}
