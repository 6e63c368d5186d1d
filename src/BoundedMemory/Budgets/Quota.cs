using System.Diagnostics;

namespace BoundedMemory;

/// <summary>A limit and what is left of it: the one counter behind every bound in this library (bytes, entries, weight, a tier's share).</summary>
/// <remarks>
/// <para>Invariant, at every moment and for every reader: <c>0 &lt;= Used &lt;= Limit</c>. A taker claims from the credit with a compare-and-swap
/// that succeeds only if the credit suffices, so no failed attempt is ever visible and none makes another one fail.</para>
/// <para>Memory ordering: every change is interlocked, hence a full fence. Whoever publishes something after a successful take publishes it after
/// the take; whoever returns after unpublishing returns after it. Limit and credit change one after the other on a resize, in the order in which
/// a reader between them sees a use that is too high, never a broken limit.</para>
/// <para>A mutable struct so that the counters of one owner share a cache line; it lives in a field and is never copied.</para>
/// </remarks>
[DebuggerDisplay("{Used} of {Limit}")]
internal struct Quota(long limit)
{
    /// <summary>What may be taken in all.</summary>
    private long _limit = limit;

    /// <summary>What is left of it; never negative, never above the limit.</summary>
    private long _credit = limit;

    public readonly long Limit => Volatile.Read(in _limit);

    public readonly long Credit => Volatile.Read(in _credit);

    /// <summary>Exact while no resize is under way; during one it may show the difference as used for a moment. Never less than is in use.</summary>
    public readonly long Used
    {
        get
        {
            // A credit between two equal limits belongs to them; one read across a change could make the use look too low.
            long limit = Volatile.Read(in _limit);
            while (true)
            {
                long credit = Volatile.Read(in _credit);
                long seen = Volatile.Read(in _limit);
                if (seen == limit)
                {
                    return limit - credit;
                }

                limit = seen;
            }
        }
    }

    /// <summary>Takes <paramref name="amount"/> if that much is left.</summary>
    public bool TryTake(long amount)
    {
        Debug.Assert(amount >= 0);
        long credit = Volatile.Read(in _credit);
        while (credit >= amount)
        {
            long seen = Interlocked.CompareExchange(ref _credit, credit - amount, credit);
            if (seen == credit)
            {
                return true;
            }

            credit = seen;
        }

        return false;
    }

    /// <summary>Gives back what was taken and says how much is left now.</summary>
    public long Return(long amount)
    {
        Debug.Assert(amount >= 0);
        return Interlocked.Add(ref _credit, amount);
    }

    /// <summary>Raises the limit; the limit moves before the credit.</summary>
    public void Raise(long amount)
    {
        Interlocked.Add(ref _limit, amount);
        Interlocked.Add(ref _credit, amount);
    }

    /// <summary>Lowers the limit by what the caller has taken for that purpose: a shrink is a reservation that is never given back.</summary>
    public void RetireTaken(long amount) => Interlocked.Add(ref _limit, -amount);

    /// <summary>Lowers the limit by all credit above <paramref name="keep"/> and says by how much.</summary>
    public long RetireCredit(long keep)
    {
        long credit = Volatile.Read(in _credit);
        while (credit > keep)
        {
            long seen = Interlocked.CompareExchange(ref _credit, keep, credit);
            if (seen == credit)
            {
                RetireTaken(credit - keep);
                return credit - keep;
            }

            credit = seen;
        }

        return 0;
    }
}
