using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>
/// The start of the runtime's type descriptor, as far as it is shared with a standalone garbage collector (gcenv.object.h in
/// dotnet/runtime): stable across versions for that reason, but not public, hence <see cref="HeapLayoutSelfTest"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal struct MethodTable
{
    /// <summary>Instances contain references; the pointer map lies just before this descriptor.</summary>
    private const uint ContainsReferences = 0x0100_0000;

    /// <summary>Instances have a length: strings and arrays.</summary>
    private const uint HasComponentSize = 0x8000_0000;

    /// <summary>Flags in the upper half; the lower half is <see cref="ComponentSize"/> if there is one.</summary>
    [FieldOffset(0)]
    public readonly uint Flags;

    /// <summary>Bytes per element; meaningful only if <see cref="HasLength"/>.</summary>
    [FieldOffset(0)]
    public readonly ushort ComponentSize;

    /// <summary>Bytes of an instance without its elements, the header word before the object included.</summary>
    [FieldOffset(4)]
    public readonly uint BaseSize;

    public readonly bool HasLength => (Flags & HasComponentSize) != 0;

    public readonly bool HasReferences => (Flags & ContainsReferences) != 0;
}

/// <summary>Exact sizes of single objects, read from the runtime's type descriptors.</summary>
/// <remarks>Nothing here reads or writes an object's header: hashing or locking an object later costs what it always costs.</remarks>
internal static unsafe class HeapLayout
{
    /// <summary>Bytes of an array before its first element: header word, type, length.</summary>
    private const int ArrayHeaderBytes = 24;

    /// <summary>Whether this runtime lays objects out as this class believes; false allows only what public means can measure.</summary>
    public static bool IsKnown => Verdict.IsKnown;

    /// <summary>The descriptor of the object's type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MethodTable* TypeOf(object o) => (MethodTable*)Unsafe.Add(ref Unsafe.As<byte, nint>(ref Unsafe.As<Raw>(o).Data), -1);

    /// <summary>The descriptor of a type that is a class, a struct or an array.</summary>
    public static MethodTable* TypeOf(Type type) => (MethodTable*)type.TypeHandle.Value;

    /// <summary>The bytes at an offset from the object's start, where the type descriptor is; data begin at 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte At(object o, nint offset) => ref Unsafe.AddByteOffset(ref Unsafe.As<Raw>(o).Data, offset - sizeof(nint));

    /// <summary>The reference slot at an offset from the object's start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref object? SlotAt(object o, nint offset) => ref Unsafe.As<byte, object?>(ref At(o, offset));

    /// <summary>Where the object is now. Good for hashing only: a collection may move the object at any moment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint AddressOf(object o) => (nint)Unsafe.AsPointer(ref Unsafe.As<Raw>(o).Data);

    /// <summary>Elements of a string or of an array of any rank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LengthOf(object stringOrArray) => Unsafe.As<byte, uint>(ref Unsafe.As<Raw>(stringOrArray).Data);

    /// <summary>Bytes of the object itself, as the allocator counts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SizeOf(object o, MethodTable* type)
    {
        long size = type->BaseSize;
        if (type->HasLength)
            size += (long)type->ComponentSize * LengthOf(o);
        return Align(size);
    }

    /// <summary>Offset of an array's first element from the array's start, for any rank.</summary>
    public static nint ElementsAt(MethodTable* arrayType) => (nint)arrayType->BaseSize - sizeof(nint);

    /// <summary>Whether the object lies in the frozen heap (literals, type objects, preinitialised statics), which no value pays for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFrozen(object o) => GC.GetGeneration(o) == int.MaxValue;

    /// <summary>Exact bytes of an instance of a sealed class.</summary>
    /// <param name="factory">
    /// Makes an instance and allocates nothing else. Called only where the layout is not known; without it that throws.
    /// </param>
    public static long InstanceBytes<TClass>(Func<TClass>? factory = null)
        where TClass : class
    {
        if (IsKnown)
        {
            MethodTable* type = TypeOf(typeof(TClass));
            if (type->HasLength || !typeof(TClass).IsSealed)
                throw new ArgumentException($"{TypeNames.Full(typeof(TClass))} must be a sealed class: instances of other types have no single size.");
            return Align(type->BaseSize);
        }

        return InstanceBytesByAllocation(factory ?? throw new NotSupportedException(
            $"The size of {TypeNames.Full(typeof(TClass))} cannot be told on this runtime without making one."));
    }

    /// <summary>The size of what the factory makes, by the thread's allocation counter: the least of a few tries, since a first call also loads types.</summary>
    internal static long InstanceBytesByAllocation<TClass>(Func<TClass> factory)
        where TClass : class
    {
        long least = long.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _escaped = factory();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        _escaped = null;
        return least;
    }

    /// <summary>Exact bytes of a <typeparamref name="TElement"/>[] of that length; needs no knowledge of the runtime beyond 64 bits.</summary>
    public static long ArrayBytes<TElement>(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return Align(ArrayHeaderBytes + (length * Unsafe.SizeOf<TElement>()));
    }

    /// <summary>Rounds up to the granularity of the heap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Align(long size) => (size + 7) & ~7L;

    /// <summary>Exact bytes of a string of that length.</summary>
    public static long StringBytes(long length) => Align(22 + (2 * length));

    /// <summary>Keeps a probe reachable, so that the compiler cannot place it on the stack.</summary>
    private static volatile object? _escaped;

    /// <summary>Runs the self-test when first asked, once, under the runtime's own type initialisation lock.</summary>
    private static class Verdict
    {
        public static readonly bool IsKnown = HeapLayoutSelfTest.Passes();
    }

    /// <summary>Gives access to the bytes behind an object's type descriptor.</summary>
    private sealed class Raw
    {
        public byte Data;
    }
}
