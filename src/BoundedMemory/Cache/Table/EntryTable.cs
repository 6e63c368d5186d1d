using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>A hash table whose nodes are the cache's entries: reads without locks, growth and shrinking in small steps, every byte known.</summary>
/// <remarks>
/// <para><b>Stripes.</b> The low bits of a hash choose its stripe. All writes of a stripe happen under one lock, which the owner of the table
/// holds. A stripe's buckets are those whose index has the same low bits, in a table of any size, so a bucket and the buckets it is split into or
/// merged with belong to one stripe.</para>
/// <para><b>Resize.</b> Entries are relinked in place, a bucket at a time: every write moves its own bucket and a few more of its stripe. A bucket
/// of one array goes from normal to pending to moved and never back; the head of a pending or moved bucket is a sentinel with a negative hash,
/// which no key matches.</para>
/// <para><b>Misses.</b> A reader on a chain that is being relinked can only miss what it should have found, so a miss is believed only if the bucket is still normal
/// afterwards. Ordering: the mover writes the pending sentinel before it changes any link, all of them release writes; the reader reads links, then the head
/// again, all of them acquire reads; so whoever followed a changed link sees the sentinel.</para>
/// <para><b>Entries that are used again.</b> Before an entry that was removed may be changed, the version of its hash is (<see cref="Retire"/>). A lookup reads the
/// version before it follows any link and after it has read key and value, and begins anew if it has changed. Ordering: unlinking, version and changes of the entry are written in
/// this order, each released before the next; the lookup's first read of the version acquires, and a barrier stands before its last. So one that has read anything of
/// a changed entry sees another version than at first, for if it had seen the new one then, it would have seen the entry unlinked. Versions have 64 bits and do not come back.</para>
/// <para><b>Which end of a chain.</b> What has been there for long is mostly what is looked up, so the end is for new entries: before the others, a lookup would pass them all, each far away.
/// But the collector searches every old object that was made to point to a young one, in each of its collections. So an entry that is a new object comes first and points to the old ones,
/// and one that is used again, and is old itself, comes last. With 10,000 new objects a second in a cache of 40,000 that halved the pauses of the collections in which nothing moves
/// (3.9 -> 2.2 ms).</para>
/// <para><b>Why relinking.</b> Copied nodes would lose their identity (order of eviction, leases), a second link would cost 8 bytes an entry, and
/// epochs would make readers announce themselves.</para>
/// <para>A mutable struct, so that a lookup does not pass through one more object; it lives in a field and is never copied.</para>
/// </remarks>
internal struct EntryTable<TKey, TValue>
    where TKey : notnull
{
    /// <summary>How many entries one bucket may hold. With a sound hash a chain of 20 does not occur; keys that were made to collide, or whose
    /// hash is bad, evict one another beyond this, so that no lookup becomes a scan.</summary>
    public const int MaxChain = 64;

    /// <summary>Length of a chain that keys do not reach unless they collide. From there on all entries come last, so that of those that collide the oldest are found first.</summary>
    public const int LongChain = 8;

    /// <summary>Buckets that a write moves besides its own while a resize is under way.</summary>
    private const int MovedPerWrite = 8;

    /// <summary>Buckets in which a sample is looked for.</summary>
    private const int SampledBuckets = 64;

    /// <summary>Head of a bucket whose entries are being relinked.</summary>
    private static readonly Entry<TKey, TValue> Pending = new(default!, -1, default!);

    private readonly KeyHasher<TKey> _hasher;

    /// <summary>Number of stripes, a power of two, at most the number of buckets.</summary>
    private readonly int _stripes;

    /// <summary>The array that lookups start in. Changes only when a resize has ended.</summary>
    private Bucket[] _buckets;

    /// <summary>How often an entry was retired, by groups of hashes. In place: a lookup is as fast as it has few instructions.</summary>
    private VersionArray _versions;

    /// <summary>The resize under way, or null. Set before any bucket is moved, cleared after <see cref="_buckets"/> has changed.</summary>
    private Resize? _resize;

    /// <param name="hasher">How keys are hashed and compared.</param>
    /// <param name="stripes">A power of two.</param>
    /// <param name="buckets">A power of two, at least as many.</param>
    public EntryTable(KeyHasher<TKey> hasher, int stripes, int buckets)
    {
        Debug.Assert(int.IsPow2(stripes) && int.IsPow2(buckets) && stripes <= buckets);
        _hasher = hasher;
        _stripes = stripes;
        _buckets = new Bucket[buckets];
        _versions = default;
    }

    /// <summary>Number of buckets that lookups start in.</summary>
    public readonly int Buckets => Volatile.Read(in _buckets).Length;

    public readonly bool IsResizing => Volatile.Read(in _resize) is not null;

    /// <summary>Bytes of an array of that many buckets.</summary>
    public static long BytesOf(int buckets) => HeapLayout.ArrayBytes<Bucket>(buckets);

    /// <summary>Finds the entry of a key without a lock, its hash, and the value that was stored under that key.</summary>
    /// <remarks>The entry itself may be another key's by now: it is for the mark of its use, and, where entries are not retired, for everything. Everything that is rare is out of line: where entries are far away in memory, the processor works on as many lookups at once as it holds
    /// instructions.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Entry<TKey, TValue>? Find(TKey key, out int hash, out TValue value)
    {
        if (!_hasher.IsDirect)
        {
            // By value and not by reference, so that the hash can stay in a register on the other path.
            hash = _hasher.HashByComparer(key);
            return Find(key, hash, out value);
        }

        hash = KeyHasher<TKey>.HashDirectly(key);
        ref long version = ref VersionOf(hash);
        long before = Volatile.Read(ref version);
        Bucket[] buckets = Volatile.Read(in _buckets);

        // Within the array, whose length is a power of two.
        for (Entry<TKey, TValue>? entry = Volatile.Read(ref BucketOf(buckets, hash).Head); entry is not null; entry = Volatile.Read(ref entry.Next))
        {
            if (entry.Hash == hash && KeyHasher<TKey>.AreSame(entry.Key, key))
            {
                value = entry.Value;
                return IsStill(before, ref version) ? entry : Find(key, hash, out value);
            }
        }

        value = default!;
        return IsNormal(ref BucketOf(buckets, hash)) && IsStill(before, ref version) ? null : Find(key, hash, out value);
    }

    /// <summary>Finds the entry of a key without a lock, wherever its bucket has moved to, and the value that was stored under that key.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly Entry<TKey, TValue>? Find(TKey key, int hash, out TValue value)
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        ref long version = ref VersionOf(hash);
        while (true)
        {
            long before = Volatile.Read(ref version);
            ref Bucket bucket = ref Settled(ref buckets, hash);
            Entry<TKey, TValue>? found = _hasher.FindInChain(Volatile.Read(ref bucket.Head), key, hash);
            value = found is null ? default! : found.Value;
            if ((found is not null || IsNormal(ref bucket)) && IsStill(before, ref version))
            {
                return found;
            }
        }
    }

    /// <summary>Finds the entry of an alternate key without a lock, and the value and the key that it was stored under.</summary>
    public readonly Entry<TKey, TValue>? Find<TAlternate>(TAlternate key, int hash, IAlternateEqualityComparer<TAlternate, TKey> comparer, out TKey known, out TValue value)
        where TAlternate : allows ref struct
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        ref long version = ref VersionOf(hash);
        while (true)
        {
            long before = Volatile.Read(ref version);
            ref Bucket bucket = ref Settled(ref buckets, hash);
            Entry<TKey, TValue>? entry = Volatile.Read(ref bucket.Head);
            while (entry is not null && !(entry.Hash == hash && comparer.Equals(key, entry.Key)))
            {
                entry = Volatile.Read(ref entry.Next);
            }

            (known, value) = entry is null ? (default!, default!) : (entry.Key, entry.Value);
            if ((entry is not null || IsNormal(ref bucket)) && IsStill(before, ref version))
            {
                return entry;
            }
        }
    }

    /// <summary>Asks for the bucket of a hash to be brought near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void PrefetchBucket(int hash)
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        Prefetch.Slot(ref buckets[hash & (buckets.Length - 1)]);
    }

    /// <summary>Asks for the first entry of a chain to be brought near, whose bucket is near.</summary>
    public readonly void PrefetchChain(int hash)
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        Prefetch.Object(buckets[hash & (buckets.Length - 1)].Head);
    }

    /// <summary>Finds the entry of a key under the stripe's lock.</summary>
    public readonly Entry<TKey, TValue>? FindLocked(TKey key, int hash) => _hasher.FindInChain(HeadOf(hash), key, hash);

    /// <summary>The first entry of the chain that a hash belongs to, under the stripe's lock.</summary>
    public readonly Entry<TKey, TValue>? FirstOfChain(int hash) => HeadOf(hash);

    /// <summary>Some entry near a random bucket, without a lock; null if there is none nearby.</summary>
    public readonly Entry<TKey, TValue>? Sample(int random)
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        for (int i = 0; i < SampledBuckets; i++)
        {
            Entry<TKey, TValue>? head = Volatile.Read(ref buckets[(random + i) & (buckets.Length - 1)].Head);
            if (head is not null && head.Hash >= 0)
            {
                return head;
            }
        }

        return null;
    }

    /// <summary>For tests, under all locks: how many entries there are, and how long the longest chain is.</summary>
    internal readonly (long Entries, int LongestChain) Measure()
    {
        long entries = 0;
        int longest = 0;
        Bucket[] buckets = Volatile.Read(in _buckets);
        foreach (Bucket[] array in _resize is null ? [buckets] : new[] { buckets, _resize.To })
        {
            foreach (Bucket bucket in array)
            {
                int chain = 0;
                for (Entry<TKey, TValue>? entry = bucket.Head; entry is not null && entry.Hash >= 0; entry = entry.Next)
                {
                    chain++;
                }

                entries += chain;
                longest = Math.Max(longest, chain);
            }
        }

        return (entries, longest);
    }

    /// <summary>For tests: the first entry of a chain as a reader sees it, or that its bucket is not normal.</summary>
    internal readonly Entry<TKey, TValue>? FirstOfChainUnlocked(int hash, out bool moved)
    {
        Bucket[] buckets = Volatile.Read(in _buckets);
        ref Bucket bucket = ref buckets[hash & (buckets.Length - 1)];
        Entry<TKey, TValue>? head = Volatile.Read(ref bucket.Head);
        moved = !IsNormal(ref bucket) || head?.Hash < 0;
        return head;
    }

    /// <summary>Links a new entry, under the stripe's lock.</summary>
    /// <param name="entry">The entry, which has no link itself.</param>
    /// <param name="atEnd">To the end of its chain, not to its beginning.</param>
    public readonly void Insert(Entry<TKey, TValue> entry, bool atEnd)
    {
        ref Entry<TKey, TValue>? head = ref HeadOf(entry.Hash);
        if (atEnd)
        {
            Append(ref head, entry);
        }
        else
        {
            entry.Next = head;
            Volatile.Write(ref head, entry);
        }
    }

    /// <summary>Puts a new entry where an old one with the same key is; no reader sees the key absent. Under the stripe's lock.</summary>
    public readonly void Replace(Entry<TKey, TValue> old, Entry<TKey, TValue> entry)
    {
        ref Entry<TKey, TValue>? link = ref LinkTo(old);
        entry.Next = old.Next;
        Volatile.Write(ref link, entry);
    }

    /// <summary>Unlinks an entry, which keeps its own link for readers who stand on it. Under the stripe's lock.</summary>
    public readonly void Remove(Entry<TKey, TValue> entry)
    {
        ref Entry<TKey, TValue>? link = ref LinkTo(entry);
        Volatile.Write(ref link, entry.Next);
    }

    /// <summary>An entry of this hash that was removed is going to be changed: lookups that may have met it begin anew. Under the stripe's lock.</summary>
    public readonly void Retire(int hash)
    {
        // Of a group that several stripes may belong to. A full fence: what comes next is seen after it.
        Interlocked.Increment(ref VersionOf(hash));
    }

    /// <summary>Starts to move all entries into an array of another size. One caller at a time, and only while no resize is under way.</summary>
    public void BeginResize(int buckets)
    {
        Debug.Assert(!IsResizing && int.IsPow2(buckets) && buckets >= _stripes);
        Volatile.Write(ref _resize, new Resize(_buckets, new Bucket[buckets], _stripes));
    }

    /// <summary>Moves some buckets of a stripe, or all of them, under its lock.</summary>
    /// <returns>The number of buckets of the array that has just been given up, where this call ended the resize; else 0.</returns>
    public int ContinueResize(int stripe, bool toTheEnd = false)
    {
        Resize? resize = Volatile.Read(in _resize);
        if (resize is null || !resize.Move(stripe, _stripes, toTheEnd ? int.MaxValue : resize.BucketsPerWrite))
        {
            return 0;
        }

        Volatile.Write(ref _buckets, resize.To);
        Volatile.Write(ref _resize, null);
        return resize.From.Length;
    }

    /// <summary>Links an entry that has no link itself to the end of a chain, under the stripe's lock.</summary>
    private static void Append(ref Entry<TKey, TValue>? head, Entry<TKey, TValue> entry)
    {
        ref Entry<TKey, TValue>? link = ref head;
        while (link is not null)
        {
            link = ref link.Next;
        }

        Volatile.Write(ref link, entry);
    }

    /// <summary>Whether the bucket's entries were neither moving nor moved at this moment; read after the links, as the protocol asks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNormal(ref Bucket bucket)
    {
        Entry<TKey, TValue>? head = Volatile.Read(ref bucket.Head);
        return head is null || head.Hash >= 0;
    }

    /// <summary>The head of the chain that writes of this hash belong to, in the array they belong to. Under the stripe's lock.</summary>
    private readonly ref Entry<TKey, TValue>? HeadOf(int hash)
    {
        // The resize first: it is cleared after the buckets have changed, and cannot end while this stripe, whose lock we hold, is unfinished.
        Resize? resize = Volatile.Read(in _resize);
        if (resize is null)
        {
            Bucket[] buckets = Volatile.Read(in _buckets);
            return ref buckets[hash & (buckets.Length - 1)].Head;
        }

        resize.MoveBucket(hash & (resize.From.Length - 1));
        return ref resize.To[hash & (resize.To.Length - 1)].Head;
    }

    private readonly ref Entry<TKey, TValue>? LinkTo(Entry<TKey, TValue> entry)
    {
        ref Entry<TKey, TValue>? link = ref HeadOf(entry.Hash);
        while (!ReferenceEquals(link, entry))
        {
            link = ref link!.Next;
        }

        return ref link;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Bucket BucketOf(Bucket[] buckets, int hash) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(buckets), (nuint)(uint)(hash & (buckets.Length - 1)));

    /// <summary>The version of a hash's group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref long VersionOf(int hash) => ref Unsafe.Add(
        ref Unsafe.As<VersionArray, long>(ref Unsafe.AsRef(in _versions)), VersionArray.Padding + (nuint)(uint)(hash & (VersionArray.Groups - 1)));

    /// <summary>Whether nothing was retired since the version was read, before all that was read since.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsStill(long before, ref long version)
    {
        Volatile.ReadBarrier();
        return version == before;
    }

    /// <summary>The bucket of a hash, once it is not pending, in the array to which it has moved.</summary>
    private static ref Bucket Settled(ref Bucket[] buckets, int hash)
    {
        SpinWait wait = default;
        while (true)
        {
            ref Bucket bucket = ref buckets[hash & (buckets.Length - 1)];
            Entry<TKey, TValue>? head = Volatile.Read(ref bucket.Head);
            if (head is Moved moved)
            {
                buckets = moved.To;
            }
            else if (ReferenceEquals(head, Pending))
            {
                wait.SpinOnce();
            }
            else
            {
                return ref bucket;
            }
        }
    }

    /// <summary>Versions, and as much on either side as keeps what is only read out of the cache lines that are written.</summary>
    [InlineArray(Padding + Groups + Padding)]
    private struct VersionArray
    {
        public const int Groups = 16;
        public const int Padding = 8;

        private long _first;
    }

    /// <summary>A struct, so that storing into the array needs no type check.</summary>
    internal struct Bucket
    {
        public Entry<TKey, TValue>? Head;
    }

    /// <summary>Head of a bucket whose entries are in another array.</summary>
    private sealed class Moved(Bucket[] to) : Entry<TKey, TValue>(default!, -1, default!)
    {
        public readonly Bucket[] To = to;
    }

    /// <summary>One change of the number of buckets; immutable but for its progress.</summary>
    private sealed class Resize(Bucket[] from, Bucket[] to, int stripes)
    {
        public readonly Bucket[] From = from;

        public readonly Bucket[] To = to;

        /// <summary>A table grows while entries come, and there are enough of them; it shrinks while they go, and the last should find it small.</summary>
        public readonly int BucketsPerWrite = to.Length < from.Length ? 2 * MovedPerWrite : MovedPerWrite;

        private readonly Moved _moved = new(to);

        /// <summary>Per stripe, how many of its buckets have been visited in order; each written under the stripe's lock.</summary>
        private readonly int[] _visited = new int[stripes];

        /// <summary>Stripes that still have buckets to move.</summary>
        private int _unfinished = stripes;

        /// <summary>Visits the next buckets of a stripe; true for the one call that finishes the last stripe.</summary>
        public bool Move(int stripe, int stripes, int most)
        {
            ref int visited = ref _visited[stripe];
            int all = From.Length / stripes;
            if (visited == all)
            {
                return false;
            }

            for (int end = (int)Math.Min(all, (long)visited + most); visited < end; visited++)
            {
                MoveBucket(stripe + (visited * stripes));
            }

            return visited == all && Interlocked.Decrement(ref _unfinished) == 0;
        }

        public void MoveBucket(int index)
        {
            ref Entry<TKey, TValue>? source = ref From[index].Head;
            Entry<TKey, TValue>? entry = source;
            if (ReferenceEquals(entry, _moved))
            {
                return;
            }

            Volatile.Write(ref source, Pending);
            while (entry is not null)
            {
                Entry<TKey, TValue>? next = entry.Next;
                Volatile.Write(ref entry.Next, null);
                Append(ref To[entry.Hash & (To.Length - 1)].Head, entry);
                entry = next;
            }

            Volatile.Write(ref source, _moved);
        }
    }
}
