using System.Numerics;

namespace BoundedMemory;

/// <summary>Which slot of a queue holds the item of a key. Under the queue's lock, but for what makes keys of items.</summary>
internal abstract class ConflationIndex<T>
{
    /// <summary>Adds an item under its key.</summary>
    public abstract AddResult Enqueue(LockedQueue<T> queue, T item, long bytes, ref QueueDepartures<T> left);

    /// <summary>Bytes of an index for so many slots.</summary>
    public abstract long BytesFor(int slots);

    /// <summary>The item of a slot has left.</summary>
    public abstract void Remove(int slot);

    /// <summary>The slots have been moved: the one at <paramref name="head"/> is now the first of <paramref name="slots"/>, and so on.</summary>
    public abstract void Move(int head, int count, int slots);
}

/// <summary>How a queue that is being added to finds and notes the item's key; a struct, so that a queue without keys pays nothing.</summary>
internal interface IQueueKeying
{
    /// <summary>The slot of the item with this key; -1 if there is none.</summary>
    int Find();

    /// <summary>The item with this key is in a slot now, where none was before.</summary>
    void Note(int slot);
}

/// <summary>Items have no keys.</summary>
internal readonly struct NoKeying : IQueueKeying
{
    public int Find() => -1;

    public void Note(int slot)
    {
    }
}

internal sealed class KeyConflation<T, TKey>(Func<T, TKey> key, IEqualityComparer<TKey>? comparer) : Conflation<T>
    where TKey : notnull
{
    internal override ConflationIndex<T> CreateIndex() => new KeyIndex<T, TKey>(key, comparer ?? EqualityComparer<TKey>.Default);
}

/// <summary>A hash table whose nodes are numbered as the slots of the queue, so that it grows and shrinks with them and allocates nothing per item.</summary>
internal sealed class KeyIndex<T, TKey>(Func<T, TKey> keyOf, IEqualityComparer<TKey> comparer) : ConflationIndex<T>
    where TKey : notnull
{
    private const int None = 0;

    /// <summary>The first node of each chain, counted from 1.</summary>
    private int[] _buckets = [];

    private Node[] _nodes = [];

    public override long BytesFor(int slots) =>
        slots == 0 ? 0 : HeapLayout.ArrayBytes<int>(BitOperations.RoundUpToPowerOf2((uint)slots)) + HeapLayout.ArrayBytes<Node>(slots);

    public override AddResult Enqueue(LockedQueue<T> queue, T item, long bytes, ref QueueDepartures<T> left)
    {
        TKey key = keyOf(item);
        int hash = comparer.GetHashCode(key);
        return queue.Enqueue(item, bytes, new Keying(this, key, (int)((uint)hash * 0x9E3779B9) ^ (hash >> 15)), ref left);
    }

    public override void Remove(int slot)
    {
        ref int link = ref _buckets[_nodes[slot].Hash & (_buckets.Length - 1)];
        while (link != slot + 1)
        {
            link = ref _nodes[link - 1].Next;
        }

        link = _nodes[slot].Next;
        _nodes[slot] = default;
    }

    public override void Move(int head, int count, int slots)
    {
        Node[] nodes = slots == 0 ? [] : new Node[slots];
        int[] buckets = slots == 0 ? [] : new int[BitOperations.RoundUpToPowerOf2((uint)slots)];
        for (int i = 0, from = head; i < count; i++, from = from + 1 == _nodes.Length ? 0 : from + 1)
        {
            nodes[i] = _nodes[from];
            ref int first = ref buckets[nodes[i].Hash & (buckets.Length - 1)];
            nodes[i].Next = first;
            first = i + 1;
        }

        (_nodes, _buckets) = (nodes, buckets);
    }

    private int Find(TKey key, int hash)
    {
        for (int i = _buckets[hash & (_buckets.Length - 1)]; i != None; i = _nodes[i - 1].Next)
        {
            if (_nodes[i - 1].Hash == hash && comparer.Equals(_nodes[i - 1].Key, key))
            {
                return i - 1;
            }
        }

        return -1;
    }

    private void Note(int slot, TKey key, int hash)
    {
        ref int first = ref _buckets[hash & (_buckets.Length - 1)];
        _nodes[slot] = new Node { Key = key, Hash = hash, Next = first };
        first = slot + 1;
    }

    private struct Node
    {
        public TKey Key;
        public int Hash;
        public int Next;
    }

    private readonly struct Keying(KeyIndex<T, TKey> index, TKey key, int hash) : IQueueKeying
    {
        public int Find() => index.Find(key, hash);

        public void Note(int slot) => index.Note(slot, key, hash);
    }
}
