using System.Diagnostics;

namespace BoundedMemory;

/// <summary>The limits of one cache and what is taken of each. Thread-safe; knows nothing of entries.</summary>
/// <remarks>Law: what is in the cache is taken here first and given back after it has left, so no reader ever sees more than a limit.</remarks>
internal sealed class CacheLedger
{
    private readonly MemoryBudget? _bytes;

    /// <summary>Per tier, in the order of the options; index 0 is what belongs to no tier and has no limit.</summary>
    private readonly TierLedger[] _tiers;

    private Quota _count;

    private Quota _weight;

    /// <summary>Bytes of entries that someone holds a lease on; they cannot be evicted.</summary>
    private long _leasedBytes;

    private long _leases;

    public CacheLedger(MemoryBudget? bytes, long? maxCount, long? maxWeight, IReadOnlyList<TtlTier> tiers)
    {
        _bytes = bytes;
        _count = new Quota(maxCount ?? long.MaxValue);
        _weight = new Quota(maxWeight ?? long.MaxValue);
        Weighs = maxWeight is not null;
        _tiers = new TierLedger[tiers.Count + 1];
        for (int i = 0; i < tiers.Count; i++)
        {
            _tiers[i + 1] = new TierLedger(tiers[i]);
        }
    }

    public bool CountsBytes => _bytes is not null;

    public bool Weighs { get; }

    public long Count => _count.Used;

    public long Bytes => _bytes?.Used ?? 0;

    public long Weight => _weight.Used;

    public long MaxCount => _count.Limit;

    public long MaxBytes => _bytes?.Limit ?? long.MaxValue;

    public long MaxWeight => _weight.Limit;

    public long Leases => Volatile.Read(in _leases);

    public long LeasedBytes => Volatile.Read(in _leasedBytes);

    public int Tiers => _tiers.Length;

    /// <summary>Entries and bytes in a tier.</summary>
    public (long Count, long Bytes) UseOf(int tier) => (_tiers[tier].Count.Used, _tiers[tier].Bytes.Used);

    /// <summary>How full the fullest limit is, from 0 to 1, not counting what belongs to no entry.</summary>
    public double Fullness(long fixedBytes)
    {
        double bytes = _bytes is null ? 0
            : _bytes.Parent is null ? Ratio(Bytes - fixedBytes, MaxBytes - fixedBytes)
            : Math.Max(Ratio(Bytes - fixedBytes, MaxBytes), _bytes.Parent.Fullness);
        return Math.Max(bytes, Math.Max(Ratio(Count, MaxCount), Ratio(Weight, MaxWeight)));
    }

    /// <summary>What an entry of that charge takes of each limit.</summary>
    public Claim ClaimOf(int tier, long bytes, long weight)
    {
        long counted = CountsBytes ? bytes : 0;
        return new Claim(1, counted, Weighs ? weight : 0, tier > 0 ? 1 : 0, tier > 0 ? counted : 0);
    }

    /// <summary>Which limit an entry exceeds on its own, though everything else were gone.</summary>
    /// <param name="claim">The entry's claim.</param>
    /// <param name="tier">Its tier.</param>
    /// <param name="fixedBytes">Bytes of the cache that are not entries.</param>
    public bool IsTooLarge(in Claim claim, int tier, long fixedBytes) =>
        claim.Bytes > MaxBytes - fixedBytes
        || claim.Weight > MaxWeight
        || (tier > 0 && claim.TierBytes > _tiers[tier].Bytes.Limit);

    /// <summary>What is free of the limit that a shortage was of, as far as this cache can tell.</summary>
    public long Free(Shortage shortage, int tier) => shortage switch
    {
        Shortage.Count => _count.Credit,
        Shortage.Bytes => _bytes!.Available,
        Shortage.Weight => _weight.Credit,
        Shortage.TierCount => _tiers[tier].Count.Credit,
        Shortage.TierBytes => _tiers[tier].Bytes.Credit,
        _ => long.MaxValue,
    };

    /// <summary>Whether room could be made for a claim by evicting all that may go. Where that alone would not do, because others share the budget,
    /// the rest is taken beforehand, so that nothing is evicted in vain.</summary>
    /// <param name="claim">What is to be stored.</param>
    /// <param name="fixedBytes">Bytes of the cache that are not entries.</param>
    /// <param name="prepaid">What has been taken beforehand.</param>
    public bool TryPrepay(in Claim claim, long fixedBytes, out Claim prepaid) => TryPrepay(claim, fixedBytes, mayAsk: false, out prepaid);

    /// <summary>As <see cref="TryPrepay(in Claim, long, out Claim)"/>, but others who share the budget are asked for the rest, and for all of it, before anything of
    /// the cache's own leaves, where it is guaranteed. Under no lock.</summary>
    public bool TryPrepayByAsking(in Claim claim, long fixedBytes, out Claim prepaid) => TryPrepay(claim, fixedBytes, mayAsk: true, out prepaid);

    private bool TryPrepay(in Claim claim, long fixedBytes, bool mayAsk, out Claim prepaid)
    {
        prepaid = default;
        if (claim.Bytes == 0)
        {
            return true;
        }

        long unmovable = fixedBytes + LeasedBytes;
        if (claim.Bytes > MaxBytes - unmovable)
        {
            return false;
        }

        long available = _bytes!.Available;
        if (mayAsk && _bytes.HasGuarantee && claim.Bytes > available && TryTakeGuaranteed(claim.Bytes))
        {
            prepaid = Claim.Only(Shortage.Bytes, claim.Bytes);
            return true;
        }

        // All that is not movable, not just what is missing beyond what is free: that would be taken of what is free, and still be missing in the end.
        long owed = claim.Bytes - Math.Max(0, Bytes - unmovable);
        if (owed <= available)
        {
            return true;
        }

        bool isTaken = mayAsk ? _bytes.TryReserveByAsking(owed, AskingManner.OfPrimitive) : _bytes.TryReserveUnderLock(owed);
        prepaid = isTaken ? Claim.Only(Shortage.Bytes, owed) : default;
        return isTaken;
    }

    /// <summary>Takes the positive parts of a claim, all or none.</summary>
    public bool TryTake(in Claim claim, int tier, out Shortage shortage)
    {
        shortage = Shortage.None;
        if (claim.Count > 0 && !_count.TryTake(claim.Count))
        {
            shortage = Shortage.Count;
            return false;
        }

        if (claim.Bytes > 0 && !_bytes!.TryReserveUnderLock(claim.Bytes))
        {
            shortage = Shortage.Bytes;
        }
        else if (claim.Weight > 0 && !_weight.TryTake(claim.Weight))
        {
            shortage = Shortage.Weight;
        }
        else if (claim.TierCount > 0 && !_tiers[tier].Count.TryTake(claim.TierCount))
        {
            shortage = Shortage.TierCount;
        }
        else if (claim.TierBytes > 0 && !_tiers[tier].Bytes.TryTake(claim.TierBytes))
        {
            shortage = Shortage.TierBytes;
        }

        if (shortage == Shortage.None)
        {
            return true;
        }

        // In the reverse order: what precedes the shortage was taken.
        if (shortage == Shortage.TierBytes && claim.TierCount > 0)
        {
            _tiers[tier].Count.Return(claim.TierCount);
        }

        if (shortage >= Shortage.TierCount && claim.Weight > 0)
        {
            _weight.Return(claim.Weight);
        }

        if (shortage >= Shortage.Weight && claim.Bytes > 0)
        {
            _bytes!.Release(claim.Bytes);
        }

        if (claim.Count > 0)
        {
            _count.Return(claim.Count);
        }

        return false;
    }

    /// <summary>Gives back the negative parts of a claim, once what they paid for is gone.</summary>
    public void Settle(in Claim claim, int tier)
    {
        if (claim.Count < 0)
        {
            _count.Return(-claim.Count);
        }

        if (claim.Bytes < 0)
        {
            _bytes!.Release(-claim.Bytes);
        }

        if (claim.Weight < 0)
        {
            _weight.Return(-claim.Weight);
        }

        if (claim.TierCount < 0)
        {
            _tiers[tier].Count.Return(-claim.TierCount);
        }

        if (claim.TierBytes < 0)
        {
            _tiers[tier].Bytes.Return(-claim.TierBytes);
        }
    }

    /// <summary>Gives back all of a claim.</summary>
    public void Return(in Claim claim, int tier) => Settle(default(Claim) - claim, tier);

    /// <summary>Takes bytes that belong to no entry; nobody is asked for them.</summary>
    public bool TryTakeBytes(long bytes) => _bytes is null || _bytes.TryReserveUnderLock(bytes);

    /// <summary>Takes bytes for which others who share the budget are asked, if they are not free. Under no lock.</summary>
    public bool TryTakeByAsking(long bytes) => _bytes is null || _bytes.TryReserveByAsking(bytes, AskingManner.OfPrimitive);

    /// <summary>As <see cref="TryTakeByAsking"/>, of what is guaranteed to the cache, and does not exceed its own limit; it could make room by itself. Under no lock.</summary>
    public bool TryTakeGuaranteed(long bytes) =>
        _bytes is { HasGuarantee: true } && bytes <= MaxBytes - Bytes && _bytes.IsEntitledTo(bytes) && _bytes.TryReserveByAsking(bytes, AskingManner.Entitled);

    /// <summary>Others who share the budget ask this one for memory from now on.</summary>
    public void Register(IMemoryReclaimer reclaimer)
    {
        if (_bytes?.Parent is not null)
        {
            _bytes.SetConsumer(reclaimer);
        }
    }

    public void ReturnBytes(long bytes) => _bytes?.Release(bytes);

    /// <summary>A lease has begun; the first of an entry holds its bytes.</summary>
    public void LeaseBegan(long bytes)
    {
        Interlocked.Increment(ref _leases);
        Interlocked.Add(ref _leasedBytes, bytes);
    }

    public void LeaseEnded(long bytes)
    {
        Interlocked.Decrement(ref _leases);
        Interlocked.Add(ref _leasedBytes, -bytes);
    }

    /// <summary>Bytes of leased entries have changed.</summary>
    public void LeasedBytesGrew(long bytes) => Interlocked.Add(ref _leasedBytes, bytes);

    /// <summary>Tries to change a limit; false if more is taken.</summary>
    public bool TrySetLimit(Shortage limit, long value)
    {
        if (limit == Shortage.Bytes)
        {
            return _bytes!.TrySetLimit(value);
        }

        long cut = _count.Limit - value;
        if (cut > 0 && !_count.TryTake(cut))
        {
            return false;
        }

        if (cut > 0)
        {
            _count.RetireTaken(cut);
        }
        else
        {
            _count.Raise(-cut);
        }

        return true;
    }

    /// <summary>Lowers a limit by what is taken for that purpose.</summary>
    public void RetireTaken(Shortage limit, long amount)
    {
        if (limit == Shortage.Bytes)
        {
            _bytes!.RetireReserved(amount);
        }
        else
        {
            _count.RetireTaken(amount);
        }
    }

    public long LimitOf(Shortage limit) => limit == Shortage.Bytes ? MaxBytes : MaxCount;

    public long UsedOf(Shortage limit) => limit == Shortage.Bytes ? Bytes : Count;

    public void Dispose() => _bytes?.Dispose();

    private static double Ratio(long used, long limit) => limit == long.MaxValue ? 0 : (double)used / limit;

    /// <summary>The limits of one tier.</summary>
    [DebuggerDisplay("{Count.Used} entries, {Bytes.Used} bytes")]
    private struct TierLedger(TtlTier tier)
    {
        public Quota Count = new(tier.MaxCount ?? long.MaxValue);

        public Quota Bytes = new(tier.MaxBytes ?? long.MaxValue);
    }
}
