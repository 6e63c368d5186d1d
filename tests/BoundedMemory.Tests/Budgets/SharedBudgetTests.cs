using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Queue;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Budgets;

/// <summary>Real primitives that share a budget and make room for each other.</summary>
public sealed class SharedBudgetTests : IDisposable
{
    private const long Limit = 2_000_000;

    private readonly MemoryBudget _root = new(Limit, "root");

    /// <summary>What <see cref="Make"/> makes.</summary>
    public static TheoryData<int> Kinds => [0, 1, 2, 3, 4, 5];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Newcomer_FullTree_LargestCacheGivesAndOthersKeepWhatTheyHave()
    {
        using BoundedCache<int, byte[]> small = Cache("small", _root);
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        using var queue = new DropOldestQueue<byte[]>(new() { MaxCount = 1_000_000, Budget = _root });
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 10_000, Budget = _root });
        using var ring = new ConcurrentRingBuffer<byte[]>(new() { Budget = _root });
        for (int i = 0; i < 200; i++)
        {
            small.Set(i, new byte[1000]);
            queue.Enqueue(new byte[1000]);
            hub.Publish(new byte[1000]);
            ring.Add(new byte[1000]);
        }

        Fill(large);
        (long, long, long, long) before = (small.Count, queue.Count, hub.Count, ring.Count);
        long largeBefore = large.Bytes;

        using BoundedCache<int, byte[]> newcomer = Cache("newcomer", _root);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(SetResult.Added, newcomer.Set(i, new byte[1000]));
        }

        Assert.Equal(20, newcomer.Count);
        Assert.Equal(before, (small.Count, queue.Count, hub.Count, ring.Count));
        Assert.InRange(large.Bytes, largeBefore - 300_000, largeBefore - 20_000);
        Assert.True(large.Statistics.Trimmed >= 20);
        Assert.InRange(_root.Used, 0, Limit);
        large.Verify();
        newcomer.Verify();
    }

    /// <summary>Each kind of primitive comes last into a tree that a cache has filled.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Newcomer_OfAnyKind_GetsRoomForWhatIsLargerThanAllItHas(int kind)
    {
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        Fill(large);
        using Subject newcomer = Make(kind, _root);
        Assert.True(newcomer.Add(300_000), "Nothing of its own could have made room for this.");
        Assert.True(newcomer.Add(400_000), "What it has does not suffice for this.");
        Assert.True(newcomer.Reclaimer.UsedBytes >= 400_000);
        Assert.InRange(large.Bytes, 0, Limit - newcomer.Reclaimer.UsedBytes);
        large.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void BelowItsGuarantee_OthersGiveBeforeItsOwnLeave(int kind)
    {
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        Fill(large);
        MemoryBudget kept = _root.CreateChild("kept", guaranteedBytes: 1_000_000);
        using Subject guaranteed = Make(kind, kept);
        int added = 0;
        while (guaranteed.Reclaimer.UsedBytes < 700_000)
        {
            Assert.True(guaranteed.Add(1000));
            added++;
            Assert.Equal(added, guaranteed.Count());
        }

        // Above it, its own leave.
        long others = large.Bytes;
        while (guaranteed.Count() == added)
        {
            Assert.True(guaranteed.Add(1000));
            added++;
        }

        Assert.InRange(kept.Used, 800_000, 1_300_000);
        for (int i = 0; i < 500; i++)
        {
            Assert.True(guaranteed.Add(1000));
        }

        Assert.InRange(large.Bytes, others - 400_000, others);
        large.Verify();
    }

    /// <summary>A newcomer takes all it can get; whoever has a guarantee is left with it, to the byte.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Guaranteed_OthersTakeAllTheyCan_NothingGoesBelow(int kind)
    {
        const long Guaranteed = 900_001;
        MemoryBudget kept = _root.CreateChild("kept", guaranteedBytes: Guaranteed);
        using Subject guaranteed = Make(kind, kept);
        for (int i = 0; i < 1500; i++)
        {
            guaranteed.Add(1000);
        }

        Assert.True(kept.ReservedBytes > Guaranteed);
        using BoundedCache<int, byte[]> newcomer = Cache("newcomer", _root);
        for (int i = 1; i < 400; i++)
        {
            newcomer.Set(0, new byte[5_000 * i]);
            Assert.True(kept.ReservedBytes >= Guaranteed, $"{kept.ReservedBytes} bytes are left.");
        }

        // The ring that has no lock gives only what its owner gives.
        Assert.True(kind == 5 || kept.ReservedBytes < Guaranteed + 5_000);
        Assert.False(_root.TryReserve(Limit - Guaranteed));
    }

    /// <summary>What is free and what could leave is too little together, though either part of the shortage would fit into what is free.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Add_NobodyCanGive_IsRefusedAndNothingLeaves(int kind)
    {
        using Subject subject = Make(kind, _root);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(subject.Add(1000));
        }

        Assert.True(_root.TryReserveUnderLock(Limit - _root.ReservedBytes - 200_000));
        Assert.False(subject.Add(300_000));
        Assert.Equal(20, subject.Count());
        Assert.True(subject.Add(150_000));
    }

    [Fact]
    public void Constructor_FullTree_OthersGiveRoomForAnEmptyPrimitive()
    {
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        Fill(large);
        for (int i = 0; i < 5; i++)
        {
            using Subject added = Make(i, _root);
            Assert.True(added.Reclaimer.UsedBytes > 0);
        }

        Assert.True(large.Statistics.Trimmed > 0);
    }

    [Fact]
    public void Subscribe_FullTree_OthersGive()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 100, Budget = _root });
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        Fill(large);
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(HubSubscribeResult.Subscribed, hub.TrySubscribe(null, out _));
        }

        Assert.Equal((300, 0), (hub.Statistics.Subscribed, hub.Statistics.SubscribersRejected));
    }

    [Fact]
    public void Publish_WithPrivateQueuesIntoAFullTree_OthersGive()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 100, Budget = _root });
        using HubSubscription<byte[]> subscription = hub.Subscribe(new() { PrivateCount = 10 });
        using BoundedCache<int, byte[]> large = Cache("large", _root);
        Fill(large);
        Assert.Equal(AddResult.Added, hub.Publish(new byte[200_000]));
        Assert.Equal((1, 0), (hub.Count, hub.Statistics.RejectedOverBudget));
        hub.Verify();
    }

    [Fact]
    public void DroppedCache_IsNotAskedAndItsRoomComesBack()
    {
        Drop(_root);
        Patience.Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return _root.Used == 0;
        });
        var consumers = new List<BudgetConsumer>();
        _root.CollectConsumers(consumers);
        Assert.Empty(consumers);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(MemoryBudget root) => Fill(Cache("dropped", root));
    }

    [Fact]
    public void DisposedCache_IsNotAsked()
    {
        BoundedCache<int, byte[]> cache = Cache("disposed", _root);
        cache.Dispose();
        using MemoryReservation all = _root.Reserve(Limit);
        Assert.False(_root.TryReserve(1));
        Assert.Equal(0, _root.Statistics.Reclaims);
    }

    [Fact]
    public void ReclaimThrough_AStoreOnACache_IsAskedInsteadOfIt()
    {
        using BoundedCache<int, byte[]> cache = Cache("cache", _root);
        Fill(cache);
        using var other = new MemoryBudget(1);
        var store = new Holder(other, ReclaimPriority.Conversation) { SaysItUses = Limit };
        store.Says = bytes => cache.Trim(bytes);
        cache.ReclaimThrough(store);
        MemoryBudget newcomer = _root.CreateChild("newcomer");
        Assert.True(newcomer.TryReserve(100_000));
        Assert.Equal(1, store.Asked);

        // The store is not asked for itself.
        Assert.False(cache.TryMakeRoom(100_000));
        newcomer.Release(100_000);
        Assert.True(cache.TryMakeRoom(100_000));
        Assert.Equal(1, store.Asked);
    }

    /// <summary>Two caches, each of whose callbacks stores into the other and takes a lock of the user's under which others store too.</summary>
    [Fact]
    public void TwoCachesThatCallEachOther_EightThreads_NoDeadlockAndNeverOver()
    {
        var users = new Lock();
        BoundedCache<int, byte[]>[] caches = new BoundedCache<int, byte[]>[2];
        long calls = 0;
        for (int i = 0; i < 2; i++)
        {
            int other = 1 - i;
            MemoryBudget budget = _root.CreateChild($"b{i}", guaranteedBytes: 700_000);
            caches[i] = Cache($"c{i}", budget, removed =>
            {
                if (Interlocked.Increment(ref calls) % 8 == 0)
                {
                    caches[other].Set(-(removed.Key & 63) - 1, new byte[500]);
                    if (users.TryEnter())
                    {
                        users.Exit();
                    }
                }
            });
        }

        using var queue = new DropOldestQueue<byte[]>(new() { MaxCount = 1_000_000, Budget = _root });
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 10_000, Budget = _root });
        using var done = new CancellationTokenSource(Stress.TimeOr(3));
        long samples = 0;
        long over = 0;
        Threaded.RunWatched(
            [() =>
            {
                over += _root.Used > Limit || caches[0].Bytes + caches[1].Bytes + hub.Bytes > 2 * Limit ? 1 : 0;
                samples++;
            }],
            [.. Enumerable.Range(0, 8).Select(worker => (Action)(() =>
            {
                var random = new Random(worker);
                for (int i = 0; i % 16 != 0 || !done.IsCancellationRequested; i++)
                {
                    byte[] value = new byte[random.Next(random.Next(50) == 0 ? 200_000 : 3_000)];
                    switch (worker)
                    {
                        case 6:
                            queue.Enqueue(value);
                            break;
                        case 7:
                            hub.Publish(value);
                            break;
                        case 5:
                            lock (users)
                            {
                                caches[i & 1].Set(random.Next(5000), value);
                            }

                            break;
                        default:
                            caches[worker & 1].Set(random.Next(5000), value);
                            break;
                    }
                }
            }))]);

        Assert.Equal(0, over);
        Assert.True(samples > 100 && calls > 1000 && _root.Statistics.Reclaims > 10, $"{samples} samples, {calls} callbacks, {_root.Statistics.Reclaims} reclaims");
        Assert.Equal(0, _root.Statistics.ConsumerFailures);
        Assert.All(caches, cache => cache.Verify());
        queue.Verify();
        hub.Verify();
        Array.ForEach(caches, cache => cache.Dispose());
        queue.Dispose();
        hub.Dispose();
        Assert.Equal(0, _root.ReservedBytes);
    }

    private static BoundedCache<int, byte[]> Cache(string name, MemoryBudget budget, Action<RemovedEntry<int, byte[]>>? removed = null) =>
        new(new() { Name = name, Budget = budget, Removed = removed });

    private static void Fill(BoundedCache<int, byte[]> cache)
    {
        for (int i = 0; cache.Statistics.Evicted < 50; i++)
        {
            Assert.True(cache.Set(i, new byte[1000]).IsStored());
        }
    }

    private static Subject Make(int kind, MemoryBudget budget)
    {
        switch (kind)
        {
            case 0:
                BoundedCache<int, byte[]> cache = Cache("cache", budget);
                int key = 0;
                return new Subject(cache, size => cache.Set(key++, new byte[size]).IsStored(), () => cache.Count);
            case 1:
                var queue = new DropOldestQueue<byte[]>(new() { MaxCount = 1_000_000, Budget = budget });
                return new Subject(queue, size => queue.Enqueue(new byte[size]).Result == AddResult.Added, () => queue.Count);
            case 2:
                var hub = new BroadcastHub<byte[]>(new() { MaxCount = 1_000_000, Budget = budget });
                return new Subject(hub, size => hub.Publish(new byte[size]) == AddResult.Added, () => hub.Count);
            case 3:
                var shared = new ConcurrentRingBuffer<byte[]>(new() { Budget = budget });
                return new Subject(shared, size => shared.Add(new byte[size]) == AddResult.Added, () => shared.Count);
            case 4:
                var conflating = new DropOldestQueue<byte[]>(new() { MaxCount = 1_000_000, Budget = budget, ConflateBy = Conflation.By<byte[], object>(item => item) });
                return new Subject(conflating, size => conflating.Enqueue(new byte[size]).Result == AddResult.Added, () => conflating.Count);
            default:
                var ring = new RingBuffer<byte[]>(new() { Budget = budget });
                return new Subject(ring, size => ring.Add(new byte[size]) == AddResult.Added, () => ring.Count);
        }
    }

    private sealed record Subject(IMemoryReclaimer Reclaimer, Func<int, bool> Add, Func<long> Count) : IDisposable
    {
        public void Dispose() => ((IDisposable)Reclaimer).Dispose();
    }
}
