using System.Diagnostics;

namespace BoundedMemory;

/// <content>How entries come in: reserve, make room, publish.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Stores a value; the value of a load only while the load is registered, which it no longer is afterwards.</summary>
    private SetResult Store(TKey key, int hash, TValue value, in EntryPlan plan, Load<TKey, TValue>? load)
    {
        if (load is null)
        {
            Foresee(hash, ShardOf(hash));
        }

        Departures<TKey, TValue> departures = default;
        SetResult result = SetResult.SizeUnknown;
        Draft draft;
        string? detail;
        try
        {
            if (TryDraft(key, hash, value, plan, out draft, out detail))
            {
                result = Admit(draft, load, ref departures);
            }
        }
        finally
        {
            Complete(ref departures);
        }

        if (result.IsStored())
        {
            MaintainShape();
            AuditIfDue(hash);
        }
        else if (load is null || TryUnregister(load))
        {
            Reject(key, value, result, draft.Claim.Bytes, detail);
        }

        return result;
    }

    /// <summary>Brings near what storing under a hash is going to touch, and what it is likely to evict.</summary>
    private void Foresee(int hash, CacheShard<TKey, TValue> shard)
    {
        _table.PrefetchBucket(hash);
        _ghosts?.PrefetchSlot(hash);
        shard.Order.Foresee(out Entry<TKey, TValue>? main, out Entry<TKey, TValue>? fresh);
        PrefetchLeaving(main);
        PrefetchLeaving(fresh);
    }

    /// <summary>Brings near what the eviction of an entry is going to touch, whose bucket was brought near after the eviction before.</summary>
    private void PrefetchLeaving(Entry<TKey, TValue>? entry)
    {
        if (entry is not null)
        {
            _table.PrefetchChain(entry.Hash);
            _ghosts?.PrefetchSlot(entry.Hash);
        }
    }

    /// <summary>Brings the buckets of those near that are likely to be evicted next.</summary>
    private void ForeseeNext(CacheShard<TKey, TValue> shard)
    {
        shard.Order.Foresee(out Entry<TKey, TValue>? main, out Entry<TKey, TValue>? fresh);
        if (main is not null)
        {
            _table.PrefetchBucket(main.Hash);
        }

        if (fresh is not null)
        {
            _table.PrefetchBucket(fresh.Hash);
        }
    }

    /// <summary>Makes the entry and finds out what it will be charged with; false if its size cannot be told.</summary>
    private bool TryDraft(TKey key, int hash, TValue value, in EntryPlan plan, out Draft draft, out string? detail)
    {
        bool isRenewed = false;
        Entry<TKey, TValue> entry = (plan.Traits & EntryTraits.Full) != 0 ? new FullEntry<TKey, TValue>(key, hash, value)
            : (plan.Traits & EntryTraits.Expires) != 0 ? new ExpiringEntry<TKey, TValue>(key, hash, value)
            : MakePlain(key, hash, value, out isRenewed);
        entry.Traits = plan.Traits;
        long bytes = plan.Bytes;
        bool isMeasured = _settings.TryMeasure(key, value, plan.ValueBytes, ref bytes, out detail);
        entry.Units = UnitsOf(bytes);
        if (entry is FullEntry<TKey, TValue> full)
        {
            full.WeightInUnits = _settings.WeightOf(key, value, plan.Weight);
        }

        // The clock last: measuring takes time.
        if (entry is ExpiringEntry<TKey, TValue> expiring)
        {
            SetDeadlines(expiring, plan.Lives, plan.Idles);
        }

        draft = new Draft(entry, plan.Placement, ClaimOf(entry), isRenewed);
        return isMeasured;
    }

    /// <summary>A plain entry: one that was evicted, if there is one, which is near in memory and makes no garbage.</summary>
    private Entry<TKey, TValue> MakePlain(TKey key, int hash, TValue value, out bool isRenewed)
    {
        isRenewed = false;
        if (!_settings.ReusesEntries || ShardOf(hash).TakeSpareEntry() is not { } spare)
        {
            return new Entry<TKey, TValue>(key, hash, value);
        }

        spare.Renew(key, hash, value);
        isRenewed = true;
        return spare;
    }

    /// <summary>Reserves what the entry needs, evicting others where that is what it takes, and publishes it.</summary>
    private SetResult Admit(in Draft draft, Load<TKey, TValue>? load, ref Departures<TKey, TValue> departures)
    {
        int tier = draft.Placement.Tier;
        if (draft.Entry.Units == Entry<TKey, TValue>.TooManyUnits || _ledger.IsTooLarge(draft.Claim, tier, OverheadBytes))
        {
            return SetResult.TooLarge;
        }

        // What is held for this entry alone: still taken in the ledger, so nobody else can use it.
        if (!_ledger.TryPrepayByAsking(draft.Claim, OverheadBytes, out Claim inHand))
        {
            return SetResult.OverBudget;
        }

        bool hasAsked = false;
        for (bool isFirst = true; ; isFirst = false)
        {
            Missing missing;
            using (EnterShard(draft.Entry.Hash, out CacheShard<TKey, TValue> shard))
            {
                if (_disposed || load is { IsRegistered: false })
                {
                    _ledger.Return(inHand, tier);
                    ThrowIfDisposed();
                    return SetResult.OverBudget;
                }

                if (isFirst)
                {
                    shard.Order.Arrive(draft.Entry);
                }

                if (TryPublish(shard, draft, isFirst, ref inHand, ref departures, out missing) is { } result)
                {
                    if (!result.IsStored())
                    {
                        _ledger.Return(inHand, tier);
                        return result;
                    }

                    shard.Stored++;
                    Supersede(shard, draft.Entry.Key, draft.Entry.Hash);
                    ContinueResize(draft.Entry.Hash);
                    return result;
                }
            }

            if (!EvictElsewhere(draft, missing, ref inHand, ref departures) && !TryAskOthers(missing, ref hasAsked, ref inHand))
            {
                _ledger.Return(inHand, tier);
                return SetResult.OverBudget;
            }
        }
    }

    /// <summary>Publishes the entry if its shard can make room for it; else says what is missing. Under the lock.</summary>
    private SetResult? TryPublish(
        CacheShard<TKey, TValue> shard,
        in Draft draft,
        bool isFirst,
        ref Claim inHand,
        ref Departures<TKey, TValue> departures,
        out Missing missing)
    {
        Entry<TKey, TValue> entry = draft.Entry;
        int tier = draft.Placement.Tier;
        Entry<TKey, TValue>? former = _table.FindLocked(entry.Key, entry.Hash);
        bool isSameValue = former is not null && IsSameOwned(former.Value, entry.Value);
        int chain = 0;
        if (former is null ? !TryMakeRoomInChain(shard, entry.Hash, ref departures, out chain) : isSameValue && former.Leases != 0)
        {
            missing = default;
            return SetResult.OverBudget;
        }

        for (; ; isFirst = false)
        {
            // A former value frees its place, and its bytes unless a lease holds them; only the rest has to be found.
            Claim needed = draft.Claim;
            needed.Subtract(inHand);
            if (former is not null)
            {
                Claim freed = FreedBy(former);
                needed.Subtract(former.Tier == tier ? freed : freed.WithoutTier);
            }

            if (!_ledger.TryTake(needed, tier, out Shortage shortage))
            {
                missing = new Missing(shortage, needed.Of(shortage));
                if (isFirst)
                {
                    shard.Order.Contest(entry);
                }

                if (IsSmallerThanOthers(shard) || !TryEvict(shard, Wanted.For(shortage, tier), former, tier, ref inHand, ref departures))
                {
                    return null;
                }

                continue;
            }

            missing = default;
            bool isNew = former is null || HasExpired(former);
            if (former is null)
            {
                _table.Insert(entry, atEnd: draft.IsRenewed || shard.Order.IsFilling || chain >= EntryTable<TKey, TValue>.LongChain);
                shard.Order.Add(entry, draft.Placement, replaced: null);
            }
            else
            {
                _table.Replace(former, entry);
                shard.Order.Add(entry, draft.Placement, replaced: former);
                Depart(shard, former, isNew ? RemovalCause.Expired : RemovalCause.Replaced, ref departures, keepsValue: isSameValue);
                if (former.Tier != tier)
                {
                    _ledger.Return(FreedBy(former).OnlyTier, former.Tier);
                }
            }

            // What was in hand beyond the need is given back only now, after what it paid for has left.
            inHand = default;
            _ledger.Settle(needed, tier);
            return isNew ? SetResult.Added : SetResult.Replaced;
        }
    }

    /// <summary>Evicts one entry of a shard, whose charge is in hand afterwards, but for what it took of a tier that is not the one in need.</summary>
    private bool TryEvict(
        CacheShard<TKey, TValue> shard,
        Wanted wanted,
        Entry<TKey, TValue>? except,
        int tier,
        ref Claim inHand,
        ref Departures<TKey, TValue> departures)
    {
        Entry<TKey, TValue>? victim = shard.Order.ChooseVictim(wanted, except);
        if (victim is null)
        {
            return false;
        }

        Claim claim = ClaimOf(victim);
        shard.Order.Evicting(victim);
        if (_settings.ReusesEntries && victim.IsPlain)
        {
            Retire(shard, victim);
        }
        else
        {
            Unlink(shard, victim, RemovalCause.Evicted, ref departures);
        }

        ForeseeNext(shard);
        if (victim.Tier != tier)
        {
            _ledger.Return(claim.OnlyTier, victim.Tier);
            claim = claim.WithoutTier;
        }

        inHand.Add(claim);
        return true;
    }

    /// <summary>Evicts an entry that is going to be used again. Under the lock.</summary>
    private void Retire(CacheShard<TKey, TValue> shard, Entry<TKey, TValue> victim)
    {
        Debug.Assert(victim.Leases == 0);
        _table.Remove(victim);
        shard.Order.Remove(victim);
        shard.Left[(int)RemovalCause.Evicted]++;
        _table.Retire(victim.Hash);
        victim.Empty();
        shard.Keep(victim);
    }

    /// <summary>Evicts from all shards in turn until what was missing is in hand or free; false if nothing could be evicted.</summary>
    private bool EvictElsewhere(in Draft draft, Missing missing, ref Claim inHand, ref Departures<TKey, TValue> departures)
    {
        CacheShard<TKey, TValue>[] shards = Volatile.Read(ref _shards);
        int tier = draft.Placement.Tier;
        var wanted = Wanted.For(missing.Shortage, tier);
        long before = inHand.Of(missing.Shortage);
        long part = Math.Max(1, missing.Amount / shards.Length);
        bool evictedAny = false;

        // First from those that hold their share, each its part; then, because somebody has to give, from any.
        for (int i = 1; i <= 2 * shards.Length; i++)
        {
            bool fromAny = i > shards.Length;
            CacheShard<TKey, TValue> shard = shards[(draft.Entry.Hash + i) & (shards.Length - 1)];
            if (!fromAny && IsSmallerThanOthers(shard))
            {
                continue;
            }

            using (shard.Gate.EnterScope())
            {
                // In its own shard there may be a former value. It frees its room by being replaced, and stays if that is not enough.
                Entry<TKey, TValue>? former = i % shards.Length == 0 ? _table.FindLocked(draft.Entry.Key, draft.Entry.Hash) : null;
                long enough = fromAny ? long.MaxValue : inHand.Of(missing.Shortage) + part;
                while (inHand.Of(missing.Shortage) < enough && inHand.Of(missing.Shortage) - before + _ledger.Free(missing.Shortage, tier) < missing.Amount)
                {
                    if (!TryEvict(shard, wanted, former, tier, ref inHand, ref departures))
                    {
                        break;
                    }

                    evictedAny = true;
                }
            }

            if (inHand.Of(missing.Shortage) - before + _ledger.Free(missing.Shortage, tier) >= missing.Amount)
            {
                return true;
            }
        }

        return evictedAny;
    }

    /// <summary>Asks others, once, for what they took that was free a moment ago. Under no lock.</summary>
    private bool TryAskOthers(Missing missing, ref bool hasAsked, ref Claim inHand)
    {
        if (hasAsked || missing.Shortage != Shortage.Bytes || !_ledger.TryTakeByAsking(missing.Amount))
        {
            return false;
        }

        hasAsked = true;
        inHand.Bytes += missing.Amount;
        return true;
    }

    /// <summary>Whether a value that the cache would dispose is stored again in its own place: it has one owner all the same.</summary>
    private bool IsSameOwned(TValue former, TValue value) =>
        _settings.DisposeValues && !typeof(TValue).IsValueType && ReferenceEquals(former, value);

    /// <summary>Keeps the chain of a hash short, whatever keys are stored: one of those that collide leaves. False if all of them are leased. Tells how long it was.</summary>
    private bool TryMakeRoomInChain(CacheShard<TKey, TValue> shard, int hash, ref Departures<TKey, TValue> departures, out int length)
    {
        length = 0;
        Entry<TKey, TValue>? victim = null;
        for (Entry<TKey, TValue>? entry = _table.FirstOfChain(hash); entry is not null; entry = entry.Next)
        {
            // The oldest, which comes among the first, of those that were not used again; the oldest of all if all were.
            length++;
            victim = entry.Leases == 0 && (victim is null || (victim.Mark != 0 && entry.Mark == 0)) ? entry : victim;
        }

        if (length < EntryTable<TKey, TValue>.MaxChain)
        {
            return true;
        }

        if (victim is null)
        {
            return false;
        }

        shard.EvictedByCollision++;
        RemoveLocked(shard, victim, RemovalCause.Evicted, ref departures);
        return true;
    }

    /// <summary>Shards get equal parts of the keys, but entries differ; without this a shard's part of the room would drift.</summary>
    private bool IsSmallerThanOthers(CacheShard<TKey, TValue> shard)
    {
        CacheShard<TKey, TValue>[] shards = _shards;
        if (shards.Length == 1)
        {
            return false;
        }

        if (shard.UntilAverage-- <= 0)
        {
            shard.UntilAverage = CacheShard<TKey, TValue>.AverageInterval;
            shard.Average = (long)shards.Average(s => (double)s.Order.Weight);
        }

        return shard.Order.Weight < shard.Average - (shard.Average / 8);
    }

    /// <summary>An entry that is to be stored, where it belongs, what it takes of each limit, and whether it was another key's before.</summary>
    private readonly record struct Draft(Entry<TKey, TValue> Entry, Placement Placement, Claim Claim, bool IsRenewed);

    /// <summary>How much of which limit was missing.</summary>
    private readonly record struct Missing(Shortage Shortage, long Amount);
}
