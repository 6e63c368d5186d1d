using System.Diagnostics;

namespace BoundedMemory;

/// <content>Entries that grow and shrink while they are leased: what they grow by is taken first, so that the bound holds meanwhile.</content>
/// <remarks>For the stores of this library, whose values know what they retain.</remarks>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Bytes that could be taken now without evicting anything, not counting what other budgets hold unused.</summary>
    internal long AvailableBytes => _ledger.Free(Shortage.Bytes, tier: 0);

    /// <summary>Whether a lease holds an entry, and not a value that the cache refused.</summary>
    internal static bool IsStored(Lease<TValue> lease) => lease.Holder is Entry<TKey, TValue>;

    /// <summary>Takes bytes for what is no entry and stays until the cache is disposed: the rest of the store that stands on it.</summary>
    internal bool TryTakeFixed(long bytes) => TryTakeOverhead(bytes);

    /// <summary>Holds an entry that is leased once more, without an object for it; false if nobody holds it any more.</summary>
    /// <param name="holder">What holds the lease: <see cref="Lease{TValue}.Holder"/>.</param>
    internal bool TryHold(object holder)
    {
        var entry = (Entry<TKey, TValue>)holder;
        using (EnterShard(entry.Hash, out _))
        {
            if (entry.Leases is 0 or MostLeases)
            {
                return false;
            }

            entry.Leases++;
            _ledger.LeaseBegan(0);
            return true;
        }
    }

    /// <summary>Ends what <see cref="TryHold"/> began.</summary>
    internal void EndHold(object holder) => EndLease(holder);

    /// <summary>Counts as a use for the order of eviction and the time to idle, not as a read.</summary>
    internal void Touch(object holder)
    {
        var entry = (Entry<TKey, TValue>)holder;
        using (EnterShard(entry.Hash, out CacheShard<TKey, TValue> shard))
        {
            if (entry.IsResident)
            {
                UseLocked(shard, entry, counts: false);
            }
        }
    }

    /// <summary>Changes what a leased entry is charged with; growth is taken first, evicting others where that is what it takes.</summary>
    /// <param name="holder">What holds the lease: <see cref="Lease{TValue}.Holder"/>.</param>
    /// <param name="difference">Bytes to add, or to give back where negative; a multiple of 8.</param>
    /// <param name="departures">Who has left for it: to be completed, under no lock.</param>
    /// <returns>Whether the charge has changed. Always for what shrinks; not if others that may go do not free enough, or nobody holds the entry.</returns>
    internal bool TryCharge(object holder, long difference, ref Departures<TKey, TValue> departures)
    {
        Debug.Assert(difference % Entry<TKey, TValue>.BytesPerUnit == 0);
        var entry = (Entry<TKey, TValue>)holder;
        if (!_ledger.CountsBytes)
        {
            return true;
        }

        Claim growth = _ledger.ClaimOf(entry.Tier, difference, 0) with { Count = 0, Weight = 0, TierCount = 0 };
        Claim inHand = default;
        if (difference > 0 && !_ledger.TryPrepay(growth, OverheadBytes, out inHand))
        {
            return false;
        }

        var draft = new Draft(entry, new Placement(entry.Tier, InOrderOfDeadline: false), growth, IsRenewed: false);
        while (true)
        {
            Claim needed = growth;
            Missing missing;
            using (EnterShard(entry.Hash, out CacheShard<TKey, TValue> shard))
            {
                long units = entry.Units + (difference / Entry<TKey, TValue>.BytesPerUnit);
                bool isHeld = entry.Leases != 0;
                if (!isHeld || units is < 0 or >= Entry<TKey, TValue>.TooManyUnits)
                {
                    _ledger.Return(inHand, entry.Tier);
                    return !isHeld && difference <= 0;
                }

                if (TryCover(shard, entry, ref needed, ref inHand, ref departures, out Shortage shortage))
                {
                    ChangeUnits(shard, entry, (uint)units);
                    _ledger.Settle(needed, entry.Tier);
                    return true;
                }

                missing = new Missing(shortage, needed.Of(shortage));
            }

            if (!EvictElsewhere(draft, missing, ref inHand, ref departures))
            {
                _ledger.Return(inHand, entry.Tier);
                return false;
            }
        }
    }
}
