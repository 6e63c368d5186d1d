namespace BoundedMemory;

/// <content>Measuring residents again: values grow after they were stored, and several may share what each is charged with.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Entries that a scheduled audit measures together once in <see cref="AuditsPerReport"/> times, to find out what they share.</summary>
    private const int EntriesPerReport = 16;

    private const int AuditsPerReport = 32;

    private long _audited;
    private long _auditCorrectedBytes;
    private long _scheduledAudits;
    private CacheAudit? _lastAudit;

    /// <summary>What the last audit that measured several entries together has found; null before the first.</summary>
    public CacheAudit? LastAudit => Volatile.Read(ref _lastAudit);

    /// <summary>Measures some entries, picked at random, again, corrects their charges, and finds out what they share.</summary>
    /// <param name="entries">How many; 1 to 10,000.</param>
    /// <returns>What it found; null if the cache is empty, does not count bytes, or values cannot be measured together because they are declared.</returns>
    /// <remarks>Runs on the calling thread, under no lock while it measures; takes about four times as long as storing those entries. Done by
    /// itself, for a few entries, in the course of storing: see <see cref="BoundedCacheOptions{TKey, TValue}.AuditInterval"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="entries"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public CacheAudit? Audit(int entries = 32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries, 10_000);
        ThrowIfDisposed();
        return _ledger.CountsBytes ? AuditSample(entries) : null;
    }

    private CacheAudit? AuditSample(int entries)
    {
        var sample = new Dictionary<Entry<TKey, TValue>, Resident>();
        for (int i = 0; i < 4 * entries && sample.Count < entries; i++)
        {
            if (SampleMeasured() is { } resident)
            {
                sample.TryAdd(resident.Entry, resident);
            }
        }

        if (sample.Count == 0)
        {
            return null;
        }

        long charged = sample.Keys.Sum(entry => entry.Bytes);
        long corrected = 0;
        foreach (Resident resident in sample.Values)
        {
            Recharge(resident, out long difference);
            corrected += difference;
        }

        CacheAudit? audit = _settings.MeasureTogether([.. sample.Values.Select(resident => resident.Value)]) is { } joint
            ? new CacheAudit(sample.Count, charged, corrected, joint.SumBytes - joint.UnionBytes, joint.Shared?.TypeName, joint.Shared?.Bytes ?? 0, joint.Shared?.Roots ?? 0)
            : new CacheAudit(sample.Count, charged, corrected, 0, null, 0, 0);
        Volatile.Write(ref _lastAudit, audit);
        return audit;
    }

    /// <summary>Some entry whose size was not declared by the user.</summary>
    private Resident? SampleMeasured() =>
        _table.Sample(Random.Shared.Next()) is { } entry && (entry.Traits & EntryTraits.Declared) == 0 ? new Resident(entry, entry.Hash, entry.Key, entry.Value) : null;

    /// <summary>Every so many stores, the caller measures one entry again.</summary>
    private void AuditIfDue(int hash)
    {
        int interval = _settings.AuditInterval;
        if (interval == 0 || !_settings.ValuesMayGrow)
        {
            return;
        }

        CacheShard<TKey, TValue>[] shards = _shards;
        CacheShard<TKey, TValue> shard = shards[hash & (shards.Length - 1)];
        if (++shard.SinceAudit < interval)
        {
            return;
        }

        shard.SinceAudit = 0;
        try
        {
            AuditSome();
        }
        catch (Exception)
        {
            // A sizer that throws for some entry, which is not the one that has just been stored.
            Interlocked.Increment(ref _callbackFailures);
        }
    }

    private void AuditSome()
    {
        if (Interlocked.Increment(ref _scheduledAudits) % AuditsPerReport == 0)
        {
            AuditSample(EntriesPerReport);
        }
        else if (SampleMeasured() is { } resident)
        {
            Recharge(resident, out _);
        }
    }

    /// <summary>Measures an entry and charges it with what it retains now; null if it is no longer there.</summary>
    private SetResult? Recharge(in Resident resident, out long difference)
    {
        Entry<TKey, TValue> entry = resident.Entry;
        difference = 0;
        long bytes = SizeOfNode(entry);
        bool isMeasured = _settings.TryMeasure(resident.Key, resident.Value, valueBytes: null, ref bytes, out _);
        uint units = UnitsOf(bytes);
        Departures<TKey, TValue> departures = default;
        SetResult? result = null;
        Claim inHand = default;
        using (EnterShard(resident.Hash, out CacheShard<TKey, TValue> shard))
        {
            if (resident.IsThere)
            {
                Interlocked.Increment(ref _audited);
                difference = (units - (long)entry.Units) * Entry<TKey, TValue>.BytesPerUnit;
                Claim needed = _ledger.ClaimOf(entry.Tier, difference, 0) with { Count = 0, Weight = 0, TierCount = 0 };
                result = !isMeasured ? SetResult.SizeUnknown
                    : units == Entry<TKey, TValue>.TooManyUnits || _ledger.IsTooLarge(ClaimOf(entry) + needed, entry.Tier, OverheadBytes) ? SetResult.TooLarge
                    : TryCover(shard, entry, ref needed, ref inHand, ref departures, out _) ? SetResult.Replaced
                    : SetResult.OverBudget;
                if (result == SetResult.Replaced)
                {
                    ChangeUnits(shard, entry, units);
                    _ledger.Settle(needed, entry.Tier);
                    inHand = default;
                }
                else
                {
                    RemoveLocked(shard, entry, RemovalCause.Evicted, ref departures);
                }

                _ledger.Return(inHand, entry.Tier);
            }
        }

        Interlocked.Add(ref _auditCorrectedBytes, Math.Abs(difference));
        Complete(ref departures);
        return result;
    }

    /// <summary>Takes what an entry has grown by, evicting others of its shard.</summary>
    private bool TryCover(
        CacheShard<TKey, TValue> shard,
        Entry<TKey, TValue> entry,
        ref Claim needed,
        ref Claim inHand,
        ref Departures<TKey, TValue> departures,
        out Shortage shortage)
    {
        Claim growth = needed;
        while (true)
        {
            needed = growth - inHand;
            if (_ledger.TryTake(needed, entry.Tier, out shortage))
            {
                return true;
            }

            if (!TryEvict(shard, Wanted.For(shortage, entry.Tier), entry, entry.Tier, ref inHand, ref departures))
            {
                return false;
            }
        }
    }

    private void ChangeUnits(CacheShard<TKey, TValue> shard, Entry<TKey, TValue> entry, uint units)
    {
        long difference = (long)units - entry.Units;
        if (entry.IsResident)
        {
            shard.Order.Recharge(entry, units);
        }
        else
        {
            entry.Units = units;
        }

        if (entry.Leases > 0)
        {
            _ledger.LeasedBytesGrew(difference * Entry<TKey, TValue>.BytesPerUnit);
        }
    }

    private static long SizeOfNode(Entry<TKey, TValue> entry) => (entry.Traits & EntryTraits.Full) != 0 ? EntrySizes<TKey, TValue>.Full
        : (entry.Traits & EntryTraits.Expires) != 0 ? EntrySizes<TKey, TValue>.Expiring
        : EntrySizes<TKey, TValue>.Plain;

    /// <summary>An entry with what was found in it, without the lock: it may be empty by now, or have another's.</summary>
    private readonly record struct Resident(Entry<TKey, TValue> Entry, int Hash, TKey Key, TValue Value)
    {
        /// <summary>Whether it is resident with that key and that value, under the lock of that hash. What holds no references is of the same size whatever it is.</summary>
        /// <remarks>An entry becomes resident under the lock of its new hash, which may be another: the hash is read afterwards.</remarks>
        public bool IsThere =>
            Volatile.Read(ref Entry.List) != 0 && Entry.Hash == Hash && (typeof(TKey).IsValueType || ReferenceEquals(Entry.Key, Key)) && (typeof(TValue).IsValueType || ReferenceEquals(Entry.Value, Value));
    }

    /// <summary>Bytes in units, rounded up.</summary>
    private static uint UnitsOf(long bytes) => (uint)Math.Min(Entry<TKey, TValue>.TooManyUnits, (bytes + Entry<TKey, TValue>.BytesPerUnit - 1) / Entry<TKey, TValue>.BytesPerUnit);
}
