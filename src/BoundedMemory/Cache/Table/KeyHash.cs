using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace BoundedMemory;

/// <summary>Seeded 31-bit hashes of integers and characters, of which every bit depends on every bit of the input.</summary>
/// <remarks>Multiplies 64 x 64 -> 128 bits and folds the halves, the mixing step of Wang Yi's wyhash. The seeds are random per process, so
/// colliding keys cannot be computed in advance; against an adversary who can measure, the table bounds its chains.</remarks>
internal static class KeyHash
{
    private static readonly ulong First = RandomSeed();
    private static readonly ulong Second = RandomSeed();

    public static int Of(ulong bits) => Finish(Fold(bits ^ First, Second));

    public static int Of(UInt128 bits) => Finish(Fold((ulong)bits ^ First, (ulong)(bits >> 64) ^ Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(ReadOnlySpan<char> text)
    {
        ref byte start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        nuint length = (nuint)text.Length * sizeof(char);
        ulong hash = First ^ length;
        if (length > 16)
        {
            // Whole blocks, then the last one, which overlaps the block before it where the length is not a multiple of 16.
            nuint last = length - 16;
            for (nuint offset = 0; offset < last; offset += 16)
            {
                hash = Fold(Read64(ref start, offset) ^ hash, Read64(ref start, offset + 8) ^ Second);
            }

            hash = Fold(Read64(ref start, last) ^ hash, Read64(ref start, last + 8) ^ Second);
        }
        else if (length >= 8)
        {
            hash = Fold(Read64(ref start, 0) ^ hash, Read64(ref start, length - 8) ^ Second);
        }
        else if (length >= 4)
        {
            hash = Fold(Read32(ref start, 0) ^ hash, Read32(ref start, length - 4) ^ Second);
        }
        else if (length > 0)
        {
            hash = Fold(start ^ ((ulong)Unsafe.AddByteOffset(ref start, 1) << 8) ^ hash, Second);
        }

        return Finish(hash);
    }

    /// <summary>The upper bits of a product, which every bit below them has gone into: the fold alone spreads consecutive integers badly where the seed,
    /// as a part of 2^64, is near a simple fraction, which one seed in six is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Finish(ulong folded) => (int)((folded * First) >> 33);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong x, ulong y)
    {
        // Math.BigMul passes its low half through memory; a second multiplication is cheaper than that.
        ulong high = Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(x, y) : Math.BigMul(x, y, out _);
        return high ^ (x * y);
    }

    private static ulong Read64(ref byte start, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, offset));

    private static uint Read32(ref byte start, nuint offset) => Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref start, offset));

    private static ulong RandomSeed()
    {
        ulong seed = 0;
        System.Security.Cryptography.RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref seed)));
        return seed | 1;
    }
}
