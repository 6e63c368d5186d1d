using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>
/// The objects a walk has seen, told apart by identity. It holds real references, hashed by where the object is, so that no object gets a hash code
/// into its header; used by one thread at a time.
/// </summary>
/// <remarks>
/// A collection moves objects and leaves them in the wrong place of the table. Then an object seen before may be taken for a new one, never a
/// new one for seen. A set reset as <i>careful</i> looks for collections before it takes an object for new and puts everything in its place again;
/// it gives up after <see cref="RepairLimit"/> repairs and says so.
/// </remarks>
internal sealed class VisitedSet
{
    /// <summary>Slots kept while no walk runs.</summary>
    public const int KeptSlots = SmallSlots + MediumSlots;

    private const int SmallSlots = 64;
    private const int MediumSlots = 512;

    /// <summary>Up to here the table grows fourfold, beyond twofold.</summary>
    private const int FourfoldUpTo = 8192;

    /// <summary>Repairs after which collections come faster than it pays to repair.</summary>
    private const int RepairLimit = 16;

    /// <summary>First table of every walk: most graphs fit, and it is cheap to clear.</summary>
    private readonly object?[] _small = new object?[SmallSlots];

    /// <summary>Second table; made when first needed and kept.</summary>
    private object?[]? _medium;

    /// <summary>Larger tables of the running measurement, for its second walk; not kept.</summary>
    private object?[]? _large;

    /// <summary>Leads to the last large table as long as the collector has not taken it back.</summary>
    private WeakReference<object?[]>? _spare;

    /// <summary>The table in use; its length is a power of two.</summary>
    private object?[] _slots;

    /// <summary>64 less the binary logarithm of the table's length: the top bits of a hash are the home slot.</summary>
    private int _shift;

    /// <summary>Objects in the table.</summary>
    private int _count;

    /// <summary>Objects after which the table grows: five eighths of its length.</summary>
    private int _limit;

    private bool _isCareful;

    /// <summary>Collections there had been when everything in the table was in its place.</summary>
    private int _collections;

    private int _repairs;

    public VisitedSet() => Use(_slots = _small);

    /// <summary>Whether a careful set gave up: some objects may have been taken for new twice.</summary>
    public bool GaveUp { get; private set; }

    /// <summary>Adds an object.</summary>
    /// <returns>False if it is known to have been seen before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(object o)
    {
        object?[] slots = _slots;
        nuint mask = (nuint)slots.Length - 1;
        nuint i = Home(o);
        ref object? first = ref MemoryMarshal.GetArrayDataReference(slots);
        while (true)
        {
            ref object? slot = ref Unsafe.Add(ref first, i);
            object? seen = slot;
            if (seen is null)
            {
                if (_isCareful)
                    return AddCarefully(o);
                slot = o;
                if (++_count > _limit)
                    Grow();
                return true;
            }

            if (ReferenceEquals(seen, o))
                return false;
            i = (i + 1) & mask;
        }
    }

    /// <summary>Empties the set for another walk.</summary>
    public void Reset(bool careful)
    {
        Array.Clear(_slots);
        Use(_small);
        _isCareful = careful;
        _collections = GC.CollectionCount(0);
        _repairs = 0;
        GaveUp = false;
    }

    /// <summary>Empties the set after the last walk of a measurement and gives large tables back.</summary>
    public void Release()
    {
        Array.Clear(_slots);
        if (_large is not null)
        {
            // Weakly: the collector may take it, but until it does the next large walk need not allocate one.
            (_spare ??= new WeakReference<object?[]>(_large)).SetTarget(_large);
            _large = null;
        }

        Use(_small);
    }

    /// <summary>Whether a large table can still be reused; for tests.</summary>
    internal bool HasSpare => _spare is not null && _spare.TryGetTarget(out _);

    /// <summary>Adds an object that was not found, unless a collection is why.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AddCarefully(object o)
    {
        // The count is read after the search: if it stands where it stood before the table was last put in order, nothing had moved yet
        // when the search failed. A collection right after this reading is noticed by the next search that fails.
        while (GC.CollectionCount(0) is var collections && collections != _collections)
        {
            if (_repairs++ == RepairLimit)
            {
                GaveUp = true;
                _isCareful = false;
                break;
            }

            _collections = collections;
            Rehash(_slots.Length);
            if (Contains(o))
                return false;
        }

        Put(o);
        if (++_count > _limit)
            Grow();
        return true;
    }

    private void Grow()
    {
        int length = _slots.Length;
        Rehash(length < FourfoldUpTo ? Math.Min(length * (length == SmallSlots ? MediumSlots / SmallSlots : 4), FourfoldUpTo) : length * 2);
    }

    /// <summary>Moves everything to a table of that length (the same is allowed) and to where it belongs now.</summary>
    private void Rehash(int length)
    {
        object?[] old = _slots;
        int count = _count;
        object?[] next = length == old.Length ? new object?[length] : TableOf(length);
        Use(next);
        foreach (object? o in old)
        {
            if (o is not null)
                Put(o);
        }

        Array.Clear(old);
        _count = count;
        if (length > MediumSlots)
            _large = next;
    }

    private object?[] TableOf(int length)
    {
        if (length == MediumSlots)
            return _medium ??= new object?[MediumSlots];
        if (_large is not null && _large.Length >= length && !ReferenceEquals(_large, _slots))
            return _large;
        if (_large is null && _spare is not null && _spare.TryGetTarget(out object?[]? spare) && spare.Length >= length)
            return spare;
        return new object?[length];
    }

    private bool Contains(object o)
    {
        nuint mask = (nuint)_slots.Length - 1;
        for (nuint i = Home(o); _slots[i] is { } seen; i = (i + 1) & mask)
        {
            if (ReferenceEquals(seen, o))
                return true;
        }

        return false;
    }

    private void Put(object o)
    {
        nuint mask = (nuint)_slots.Length - 1;
        nuint i = Home(o);
        while (_slots[i] is not null)
            i = (i + 1) & mask;
        _slots[i] = o;
    }

    private void Use(object?[] slots)
    {
        _slots = slots;
        _shift = 64 - System.Numerics.BitOperations.Log2((uint)slots.Length);
        _limit = slots.Length / 8 * 5;
        _count = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint Home(object o) => (nuint)(((ulong)HeapLayout.AddressOf(o) * 0x9E37_79B9_7F4A_7C15) >> _shift);
}
