using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>Items in the order in which they came, in an array that is used round and round; beside them, if asked for, what each is charged with.</summary>
/// <remarks>Invariants: <c>0 &lt;= _count &lt;= Capacity</c>; <c>0 &lt;= _oldest &lt; Capacity</c>; a slot without an item holds no reference. A mutable struct
/// that lives in a field and is never copied; not thread-safe, but that <see cref="Count"/> may be read by anybody.</remarks>
internal struct RingArray<T>
{
    private T[] _items;

    /// <summary>Charges in units of 8 bytes, where the item of that slot is; null where none are kept.</summary>
    private uint[]? _charges;

    /// <summary>Where the oldest item is.</summary>
    private int _oldest;

    private int _count;

    public RingArray(int capacity, bool charged)
    {
        _items = capacity == 0 ? [] : new T[capacity];
        _charges = charged ? new uint[capacity] : null;
    }

    public readonly int Count => _count;

    public readonly int Capacity => _items.Length;

    public readonly bool IsFull => _count == _items.Length;

    /// <summary>Bytes of the arrays.</summary>
    public static long BytesOf(int capacity, bool charged) =>
        HeapLayout.ArrayBytes<T>(capacity) + (charged ? HeapLayout.ArrayBytes<uint>(capacity) : 0);

    /// <summary>An item by its age, 0 for the oldest; the caller has checked it.</summary>
    public readonly ref T this[int age]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((uint)age < (uint)_count);
            return ref SlotAt(Wrap(_oldest + age));
        }
    }

    public readonly uint ChargeOf(int age) => _charges is null ? 0 : _charges[Wrap(_oldest + age)];

    /// <summary>Adds an item; there is room.</summary>
    public void Push(in T item, uint charge)
    {
        Debug.Assert(!IsFull);
        int at = Wrap(_oldest + _count);
        SlotAt(at) = item;
        if (_charges is not null)
        {
            _charges[at] = charge;
        }

        _count++;
    }

    /// <summary>Puts an item into the place of the oldest; the array is full and keeps no charges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Overwrite(in T item)
    {
        Debug.Assert(IsFull && _count > 0 && _charges is null);
        int at = _oldest;
        SlotAt(at) = item;
        at++;
        _oldest = at == _items.Length ? 0 : at;
    }

    /// <summary>Takes the oldest item out and clears its slot; there is one.</summary>
    public T Pop(out uint charge)
    {
        Debug.Assert(_count > 0);
        charge = ChargeOf(0);
        ref T slot = ref SlotAt(_oldest);
        T item = slot;
        slot = default!;
        _oldest = Wrap(_oldest + 1);
        _count--;
        return item;
    }

    /// <summary>Adds what fits as it is, the items at the end having the last word, into an array that keeps no charges.</summary>
    public void PushOverwriting(ReadOnlySpan<T> items)
    {
        Debug.Assert(_charges is null);
        items = items[Math.Max(0, items.Length - Capacity)..];
        int at = Wrap(_oldest + _count);
        int first = Math.Min(items.Length, Capacity - at);
        items[..first].CopyTo(_items.AsSpan(at));
        items[first..].CopyTo(_items);
        int lost = Math.Max(0, _count + items.Length - Capacity);
        _oldest = Wrap(_oldest + lost);
        _count += items.Length - lost;
    }

    /// <summary>Moves the items into arrays of another length, in which they fit.</summary>
    public void MoveTo(int capacity)
    {
        Debug.Assert(capacity >= _count);
        T[] items = capacity == 0 ? [] : new T[capacity];
        CopyNewestTo(items);
        if (_charges is not null)
        {
            uint[] charges = new uint[capacity];
            int first = Math.Min(_count, _items.Length - _oldest);
            Array.Copy(_charges, _oldest, charges, 0, first);
            Array.Copy(_charges, 0, charges, first, _count - first);
            _charges = charges;
        }

        _items = items;
        _oldest = 0;
    }

    /// <summary>Copies as many of the newest as fit, oldest first, and says how many.</summary>
    public readonly int CopyNewestTo(Span<T> destination)
    {
        GetSegments(out ReadOnlySpan<T> older, out ReadOnlySpan<T> newer);
        int left = Math.Min(destination.Length, _count);
        int fromNewer = Math.Min(left, newer.Length);
        newer[^fromNewer..].CopyTo(destination[(left - fromNewer)..]);
        older[^(left - fromNewer)..].CopyTo(destination);
        return left;
    }

    public readonly void GetSegments(out ReadOnlySpan<T> older, out ReadOnlySpan<T> newer)
    {
        int first = Math.Min(_count, _items.Length - _oldest);
        older = new ReadOnlySpan<T>(_items, _oldest, first);
        newer = new ReadOnlySpan<T>(_items, 0, _count - first);
    }

    /// <summary>Without the check that an array of references makes of what is stored in it: this one is of exactly <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref T SlotAt(int at)
    {
        Debug.Assert((uint)at < (uint)_items.Length);
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_items), (nint)(uint)at);
    }

    /// <summary>An index below twice the capacity; the sum may exceed an int's range, which is why it is compared unsigned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Wrap(int index)
    {
        uint length = (uint)_items.Length;
        uint at = (uint)index;
        return (int)(at >= length ? at - length : at);
    }
}
