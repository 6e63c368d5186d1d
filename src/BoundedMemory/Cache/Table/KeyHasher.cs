using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BoundedMemory;

/// <summary>How keys of one type are hashed and compared: by <see cref="KeyHash"/> where the key's equality is that of its bits or characters, else
/// by a comparer whose hash is mixed.</summary>
/// <remarks>
/// <para>Why not the key's own hash: <c>long.GetHashCode</c> sends every <c>i | i &lt;&lt; 32</c> to one bucket, many hash codes differ in their
/// high bits only, and the framework's string hash takes most of the time of a lookup.</para>
/// <para>Three paths and no interface between them: code over reference types is shared by all of them, and there a call through a type
/// parameter costs as much as the lookup. The comparer's path is kept out of line so that the others stay free of its registers.</para>
/// </remarks>
internal readonly struct KeyHasher<TKey>
    where TKey : notnull
{
    /// <summary>Null where the key type's own equality is used, or ordinal equality of strings.</summary>
    private readonly IEqualityComparer<TKey>? _comparer;

    public KeyHasher(IEqualityComparer<TKey>? comparer)
    {
        bool isOwn = comparer is null || ReferenceEquals(comparer, EqualityComparer<TKey>.Default);
        IsOrdinal = typeof(TKey) == typeof(string) && (isOwn || ReferenceEquals(comparer, StringComparer.Ordinal));
        _comparer = IsOrdinal || (isOwn && typeof(TKey).IsValueType) ? null : comparer ?? EqualityComparer<TKey>.Default;
    }

    /// <summary>Keys are strings compared ordinally.</summary>
    public bool IsOrdinal { get; }

    /// <summary>What decides equality.</summary>
    public IEqualityComparer<TKey> Comparer => _comparer ?? EqualityComparer<TKey>.Default;

    /// <summary>Keys are hashed and compared by the code below, not by a comparer. Asked once a lookup.</summary>
    public bool IsDirect => _comparer is null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Hash(TKey key) => IsDirect ? HashDirectly(key) : HashByComparer(key);

    /// <summary>The entry of a key on the chain that starts with <paramref name="entry"/>, or null.</summary>
    public Entry<TKey, TValue>? FindInChain<TValue>(Entry<TKey, TValue>? entry, TKey key, int hash)
    {
        if (!IsDirect)
        {
            return FindByComparer(entry, key, hash);
        }

        while (entry is not null && !(entry.Hash == hash && AreSame(entry.Key, key)))
        {
            entry = Volatile.Read(ref entry.Next);
        }

        return entry;
    }

    /// <summary>The hash of a key, where <see cref="IsDirect"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HashDirectly(TKey key)
    {
        if (!typeof(TKey).IsValueType)
        {
            return KeyHash.Of(Unsafe.As<TKey, string>(ref key));
        }

        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong))
        {
            return KeyHash.Of(Unsafe.As<TKey, ulong>(ref key));
        }

        return typeof(TKey) == typeof(Guid)
            ? KeyHash.Of(Unsafe.ReadUnaligned<UInt128>(ref Unsafe.As<TKey, byte>(ref key)))
            : KeyHash.Of((uint)key.GetHashCode());
    }

    /// <summary>Whether two keys are equal, where <see cref="IsDirect"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreSame(TKey x, TKey y) =>
        typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.Equals(x, y) : AreSame(Unsafe.As<TKey, string>(ref x), Unsafe.As<TKey, string>(ref y));

    /// <summary>Ordinal equality without a call: with equal hashes the strings are almost certainly equal, and mostly short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreSame(string x, string y)
    {
        if (ReferenceEquals(x, y))
        {
            return true;
        }

        if (x.Length != y.Length)
        {
            return false;
        }

        nuint length = (nuint)x.Length * sizeof(char);
        if (length - 16 > 48)
        {
            return string.Equals(x, y);
        }

        // Blocks of 16 bytes, and a last one that overlaps the block before it.
        ref byte xs = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(x.AsSpan()));
        ref byte ys = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(y.AsSpan()));
        nuint last = length - 16;
        for (nuint offset = 0; offset < last; offset += 16)
        {
            if (Vector128.LoadUnsafe(ref xs, offset) != Vector128.LoadUnsafe(ref ys, offset))
            {
                return false;
            }
        }

        return Vector128.LoadUnsafe(ref xs, last) == Vector128.LoadUnsafe(ref ys, last);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Entry<TKey, TValue>? FindByComparer<TValue>(Entry<TKey, TValue>? entry, TKey key, int hash)
    {
        while (entry is not null && !(entry.Hash == hash && _comparer!.Equals(entry.Key, key)))
        {
            entry = Volatile.Read(ref entry.Next);
        }

        return entry;
    }

    /// <summary>The hash of a key, where not <see cref="IsDirect"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int HashByComparer(TKey key) => KeyHash.Of((uint)_comparer!.GetHashCode(key));
}
