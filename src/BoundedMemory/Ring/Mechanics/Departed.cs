using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>Items that have left in one operation and wait for its lock to be released: one in place, more of them in an array of the pool.</summary>
internal struct Departed<T>(RemovalCause cause)
{
    private T _first = default!;
    private T[]? _all;
    private int _count;

    public readonly RemovalCause Cause => cause;

    /// <summary>The items, as long as this is where it is.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<T> Items =>
        _all is not null ? _all.AsSpan(0, _count) : MemoryMarshal.CreateReadOnlySpan(in _first, _count);

    public void Add(T item)
    {
        if (_count == 0)
        {
            _first = item;
        }
        else
        {
            MakeRoom();
            _all![_count] = item;
        }

        _count++;
    }

    /// <summary>Gives the array back, without the items.</summary>
    public void Release()
    {
        if (_all is not null)
        {
            ArrayPool<T>.Shared.Return(_all, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        }

        this = new Departed<T>(cause);
    }

    private void MakeRoom()
    {
        if (_all is not null && _count < _all.Length)
        {
            return;
        }

        T[] larger = ArrayPool<T>.Shared.Rent(Math.Max(RingLimits.LeastCapacity, 2 * _count));
        Items.CopyTo(larger);
        if (_all is not null)
        {
            ArrayPool<T>.Shared.Return(_all, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        }

        _first = default!;
        _all = larger;
        Debug.Assert(_count < _all.Length);
    }
}
