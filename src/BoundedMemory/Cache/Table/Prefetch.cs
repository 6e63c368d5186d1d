using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace BoundedMemory;

/// <summary>Asks the processor to bring memory near that is going to be needed, and waits for nothing; does nothing where there is no such instruction.</summary>
/// <remarks>An eviction touches an entry, its bucket, a ghost slot and two neighbours, all far apart: without this it mostly waits for memory. The
/// garbage collector may move what a pointer stands on: then the wrong line is brought near, which harms nobody.</remarks>
internal static unsafe class Prefetch
{
    /// <summary>Bytes that are fetched at once.</summary>
    private const int Line = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Slot<T>(ref T slot)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref slot));
        }
    }

    /// <summary>The first 72 bytes of an object, which begin and end in different lines most of the time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Object(object? target)
    {
        if (Sse.IsSupported && target is not null)
        {
            byte* start = (byte*)Unsafe.As<object, nint>(ref target);
            Sse.Prefetch0(start);
            Sse.Prefetch0(start + Line - 1);
        }
    }
}
