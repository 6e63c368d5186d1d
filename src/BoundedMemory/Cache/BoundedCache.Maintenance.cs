using System.Numerics;

namespace BoundedMemory;

/// <content>What keeps a cache in shape while it is used: its shards, the size of its table, what has expired.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>A shard is split when it has this many entries and more may be used; smaller ones would cost hits.</summary>
    private const int SplitAbove = 2048;

    /// <summary>Tables up to this many buckets change their size at once, larger ones bit by bit.</summary>
    private const int SmallTable = 4096;

    private const int LargestTable = 1 << 30;

    /// <summary>Entries to a bucket at which entries are evicted to make room for a larger table, if there is none.</summary>
    private const int LongestAverageChain = 4;

    /// <summary>One change of the table's size, or of the number of shards, at a time. Taken before a shard's lock, never inside one.</summary>
    private readonly Lock _shape = new();

    /// <summary>Value of <see cref="_overheadBytes"/> from the moment on in which a disposed cache gives them back.</summary>
    private const long Returned = -1;

    /// <summary>Bytes taken that belong to no entry.</summary>
    private long _overheadBytes;

    /// <summary>Numbers of entries above and below which the shape is looked at again.</summary>
    private long _reshapeAbove;
    private long _reshapeBelow = -1;

    /// <summary>Number of buckets the table has or will have when the resize under way has ended.</summary>
    private int _targetBuckets;

    /// <summary>Bytes of the cache that are not entries.</summary>
    private long OverheadBytes => Math.Max(0, Volatile.Read(ref _overheadBytes));

    /// <summary>Bytes of a shard with the first list of each kind: as many more than <see cref="CacheLimits.ShardBytes"/> has room for as there are tiers,
    /// in order of deadline or not.</summary>
    private long BytesOfShard => CacheLimits.ShardBytes + BytesOfTierLists + BytesOfSpare;

    private long BytesOfSpare => _settings.ReusesEntries ? EntrySizes<TKey, TValue>.Plain : 0;

    private long BytesOfTierLists => 2 * _settings.Tiers.Count * EvictionOrder<TKey, TValue>.BytesOfList;

    private EvictionOrder<TKey, TValue> CreateOrder() => _settings.IsLru
        ? new LruOrder<TKey, TValue>(_settings.Unit, TryTakeOverhead, _settings.OrderSpansTiers)
        : new ScanResistantOrder<TKey, TValue>(_settings.Unit, TryTakeOverhead, _settings.Goal, _ghosts!, () => _ledger.Fullness(OverheadBytes));

    /// <summary>The shard of a hash at this moment; without its lock it may be split right away.</summary>
    private CacheShard<TKey, TValue> ShardOf(int hash)
    {
        CacheShard<TKey, TValue>[] shards = Volatile.Read(ref _shards);
        return shards[hash & (shards.Length - 1)];
    }

    /// <summary>Enters the shard of a hash.</summary>
    private BriefLock.Scope EnterShard(int hash, out CacheShard<TKey, TValue> shard)
    {
        while (true)
        {
            CacheShard<TKey, TValue>[] shards = Volatile.Read(ref _shards);
            shard = shards[hash & (shards.Length - 1)];
            BriefLock.Scope scope = shard.Gate.EnterScope();
            if (ReferenceEquals(shards, Volatile.Read(ref _shards)))
            {
                return scope;
            }

            // Split while we waited. The array changes only under all its locks, so one that is current in here stays so until we leave.
            scope.Dispose();
        }
    }

    /// <summary>Takes the bytes of everything that is there before the first entry.</summary>
    private void TakeFixedBytes()
    {
        _targetBuckets = _settings.InitialBuckets;
        _reshapeAbove = Math.Min(_targetBuckets, SplitAbove);
        long bytes = CacheLimits.EmptyCacheBytes + BytesOfTierLists + BytesOfSpare + ThreadCounters.BytesOf(_settings.CounterCells) + BytesOfBuckets(_targetBuckets);
        if (!_ledger.TryTakeByAsking(bytes))
        {
            throw new MemoryBudgetExceededException(bytes, Bytes, _ledger.MaxBytes, Name);
        }

        _overheadBytes = bytes;
    }

    private bool TryTakeOverhead(long bytes)
    {
        if (!_ledger.TryTakeBytes(bytes))
        {
            return false;
        }

        if (TryAddOverhead(bytes))
        {
            return true;
        }

        _ledger.ReturnBytes(bytes);
        return false;
    }

    private void ReturnOverhead(long bytes)
    {
        if (TryAddOverhead(-bytes))
        {
            _ledger.ReturnBytes(bytes);
        }
    }

    /// <summary>Counts bytes that are taken, or are going to be given back; false once Dispose has given all of them back.</summary>
    private bool TryAddOverhead(long bytes)
    {
        long overhead = Volatile.Read(ref _overheadBytes);
        while (overhead != Returned)
        {
            long seen = Interlocked.CompareExchange(ref _overheadBytes, overhead + bytes, overhead);
            if (seen == overhead)
            {
                return true;
            }

            overhead = seen;
        }

        return false;
    }

    private long BytesOfBuckets(int buckets) => EntryTable<TKey, TValue>.BytesOf(buckets) + BytesOfGhosts(buckets);

    private long BytesOfGhosts(int buckets) => _ghosts is null ? 0 : GhostTable.BytesOf(buckets);

    /// <summary>Goes on with a resize that is under way. Under the lock of the hash's shard.</summary>
    private void ContinueResize(int hash, bool toTheEnd = false)
    {
        int givenUp = _table.ContinueResize(hash & (_settings.MaxShards - 1), toTheEnd);
        if (givenUp > 0)
        {
            ReturnOverhead(EntryTable<TKey, TValue>.BytesOf(givenUp));
        }
    }

    /// <summary>Fits the table and the number of shards to the number of entries where that is due. Under no lock.</summary>
    private void MaintainShape()
    {
        long count = _ledger.Count;
        if ((count > Volatile.Read(ref _reshapeAbove) || count < Volatile.Read(ref _reshapeBelow)) && _shape.TryEnter())
        {
            int buckets;
            try
            {
                Reshape(count, out buckets);
            }
            finally
            {
                _shape.Exit();
            }

            if (buckets > 0)
            {
                GrowByEvicting(buckets);
            }
        }
    }

    /// <summary>Brings the shape in line with the number of entries at once, after many of them have left. Under no lock.</summary>
    private void SettleShape()
    {
        if (_table.IsResizing || _ledger.Count < Volatile.Read(ref _reshapeBelow))
        {
            FinishResize();
            MaintainShape();
            FinishResize();
        }
    }

    /// <summary>Does what there is room for.</summary>
    /// <param name="count">Number of entries.</param>
    /// <param name="buckets">Size of a larger table that is worth evicting for; else 0.</param>
    private void Reshape(long count, out int buckets)
    {
        buckets = 0;
        if (_disposed)
        {
            return;
        }

        // What there is no room for is tried again when there are more entries, not with every store.
        bool isDone = count <= (long)SplitAbove * _shards.Length || _shards.Length == _settings.MaxShards || TrySplitShards();
        if (_table.IsResizing)
        {
            isDone = false;
        }
        else if (count > _targetBuckets && _targetBuckets < LargestTable)
        {
            // One bucket an entry. Where the bound has no room for a larger table the chains get longer, up to a point.
            if (TryTakeOverhead(BytesOfBuckets(2 * _targetBuckets)))
            {
                BeginResize(2 * _targetBuckets);
            }
            else
            {
                isDone = false;
                buckets = count > (long)LongestAverageChain * _targetBuckets ? 2 * _targetBuckets : 0;
            }
        }
        else
        {
            int fitting = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2 * count, _settings.InitialBuckets, LargestTable));
            if (count < _reshapeBelow && fitting < _targetBuckets && TryTakeOverhead(BytesOfBuckets(fitting)))
            {
                BeginResize(fitting);
            }
        }

        SetThresholds();
        if (!isDone)
        {
            Volatile.Write(ref _reshapeAbove, count + (count / 8));
        }
    }

    private void SetThresholds()
    {
        long split = _shards.Length < _settings.MaxShards ? (long)SplitAbove * _shards.Length : long.MaxValue;
        Volatile.Write(ref _reshapeAbove, Math.Min(split, _targetBuckets < LargestTable ? _targetBuckets : long.MaxValue));
        Volatile.Write(ref _reshapeBelow, _targetBuckets > _settings.InitialBuckets ? _targetBuckets / 8 : -1);
    }

    /// <summary>Begins to move into a table whose bytes have been taken.</summary>
    private void BeginResize(int buckets)
    {
        _ghosts?.Resize(buckets);
        ReturnOverhead(BytesOfGhosts(_targetBuckets));
        _table.BeginResize(buckets);
        _targetBuckets = buckets;
        if (buckets <= SmallTable)
        {
            FinishResize();
        }
    }

    /// <summary>Moves all that is left to move. Under no shard's lock.</summary>
    private void FinishResize()
    {
        for (int stripe = 0; stripe < _settings.MaxShards && _table.IsResizing; stripe++)
        {
            using (EnterShard(stripe, out _))
            {
                ContinueResize(stripe, toTheEnd: true);
            }
        }
    }

    /// <summary>Makes room for a larger table by evicting, and begins to move into it. Under no lock, because evicting calls back.</summary>
    private void GrowByEvicting(int buckets)
    {
        long bytes = BytesOfBuckets(buckets);
        if (!TryEvictForOverhead(bytes))
        {
            return;
        }

        lock (_shape)
        {
            if (!_disposed && !_table.IsResizing && buckets == 2 * _targetBuckets)
            {
                BeginResize(buckets);
                SetThresholds();
                return;
            }
        }

        ReturnOverhead(bytes);
    }

    /// <summary>Evicts entries and keeps their bytes for the cache itself: nobody else can use them in between. What is guaranteed to the cache others give.</summary>
    private bool TryEvictForOverhead(long bytes)
    {
        if (_ledger.TryTakeGuaranteed(bytes))
        {
            bool isKept = TryAddOverhead(bytes);
            _ledger.ReturnBytes(isKept ? 0 : bytes);
            return isKept;
        }

        long taken = Shrink(Shortage.Bytes, bytes, RemovalCause.Evicted, keepTaken: true);
        bool isEnough = taken >= bytes && TryAddOverhead(bytes);
        _ledger.ReturnBytes(isEnough ? taken - bytes : taken);
        return isEnough;
    }

    /// <summary>Doubles the number of shards. All their locks are held meanwhile, in the order of their indices; it takes as long as walking over
    /// the entries, of which there are at most <see cref="SplitAbove"/> a shard or a few more.</summary>
    private bool TrySplitShards()
    {
        CacheShard<TKey, TValue>[] shards = _shards;
        long bytes = BytesOfSecondHalf(shards);
        if (!TryTakeOverhead(bytes))
        {
            return false;
        }

        foreach (CacheShard<TKey, TValue> shard in shards)
        {
            shard.Gate.Enter();
        }

        try
        {
            if (BytesOfSecondHalf(shards) != bytes)
            {
                ReturnOverhead(bytes);
                return false;
            }

            CacheShard<TKey, TValue>[] twice = new CacheShard<TKey, TValue>[2 * shards.Length];
            foreach (CacheShard<TKey, TValue> shard in shards)
            {
                twice[shard.Index] = shard;
                EvictionOrder<TKey, TValue> order = CreateOrder();
                order.ContinueFrom(shard.Order);
                twice[shard.Index + shards.Length] = shard.SplitOff(bit: shards.Length, order);
            }

            Volatile.Write(ref _shards, twice);
            return true;
        }
        finally
        {
            foreach (CacheShard<TKey, TValue> shard in shards)
            {
                shard.Gate.Exit();
            }
        }
    }

    /// <summary>Bytes of as many shards again, with as many lists.</summary>
    private long BytesOfSecondHalf(CacheShard<TKey, TValue>[] shards) => shards.Sum(shard => BytesOfShard + shard.Order.BytesOfPaidLists);
}
