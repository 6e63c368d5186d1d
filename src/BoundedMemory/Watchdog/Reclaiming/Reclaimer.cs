using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>Asks consumers for memory, one after the other, under no lock, and believes what it sees.</summary>
/// <remarks>Whom it asks for how much is decided by <see cref="ReclaimPlan"/>, class by class: the next class is asked only for what those before it could not give even if they were asked
/// again and again, so that the share that limits what is taken at once does not pass the need on to those whose loss is noticed. One that throws, or says what is not so, is counted,
/// costs the others nothing, and is left alone for a while once it has done so three times in a row.</remarks>
internal sealed class Reclaimer(ConsumerRegistry registry, WatchdogCounters counters, TimeSpan pauseAfterFailures)
{
    /// <summary>What consumers hold in all, and what of it they could give. Those that cannot say hold nothing.</summary>
    public (long Used, long Reclaimable) Sum(List<(Consumer Consumer, IMemoryReclaimer Target)> alive, TimeSpan now)
    {
        registry.List(alive);
        long used = 0;
        long reclaimable = 0;
        foreach ((Consumer consumer, IMemoryReclaimer target) in alive)
        {
            if (!consumer.IsAvoided(now) && TryRead(consumer, target, now, out ReclaimCandidate candidate))
            {
                used += candidate.UsedBytes;
                reclaimable += candidate.ReclaimableBytes;
            }
        }

        alive.Clear();
        return (used, reclaimable);
    }

    /// <summary>Asks for memory.</summary>
    /// <param name="now">By the watchdog's clock.</param>
    /// <param name="bytes">Bytes wanted.</param>
    /// <param name="share">Part of what each holds beyond its guarantee that is taken at most.</param>
    /// <param name="last">Classes beyond this one are not asked.</param>
    /// <param name="isLastResort">Guarantees are broken once nothing else is left, and those that have failed are asked too.</param>
    /// <returns>Bytes given.</returns>
    public long Reclaim(TimeSpan now, long bytes, double share, ReclaimPriority last, bool isLastResort)
    {
        var alive = new List<(Consumer Consumer, IMemoryReclaimer Target)>();
        registry.List(alive);
        var asked = new List<(Consumer Consumer, IMemoryReclaimer Target)>();
        var candidates = new List<ReclaimCandidate>();
        foreach ((Consumer consumer, IMemoryReclaimer target) in alive)
        {
            if ((isLastResort || !consumer.IsAvoided(now)) && TryRead(consumer, target, now, out ReclaimCandidate candidate) && candidate.Priority <= last)
            {
                asked.Add((consumer, target));
                candidates.Add(candidate with { Share = share });
            }
        }

        Interlocked.Increment(ref counters.Reclaims);
        long given = ByClass(now, asked, candidates, bytes);
        if (isLastResort && given < bytes)
        {
            for (int i = 0; i < candidates.Count; i++)
            {
                candidates[i] = TryRead(asked[i].Consumer, asked[i].Target, now, out ReclaimCandidate left) ? left with { GuaranteedBytes = 0 } : default;
            }

            given += ByClass(now, asked, candidates, bytes - given);
        }

        return given;
    }

    private long ByClass(TimeSpan now, List<(Consumer Consumer, IMemoryReclaimer Target)> asked, List<ReclaimCandidate> candidates, long bytes)
    {
        long given = 0;
        long missing = bytes;
        var members = new List<int>();
        var figures = new List<ReclaimCandidate>();
        for (ReclaimPriority priority = ReclaimPriority.Disposable; priority <= ReclaimPriority.Essential && missing > 0; priority++)
        {
            members.Clear();
            figures.Clear();
            long excess = 0;
            for (int i = 0; i < candidates.Count; i++)
            {
                if (candidates[i].Priority == priority)
                {
                    members.Add(i);
                    figures.Add(candidates[i]);
                    excess += Math.Min(candidates[i].Excess, candidates[i].ReclaimableBytes);
                }
            }

            long gotten = 0;
            foreach (ReclaimStep step in ReclaimPlan.Make(CollectionsMarshal.AsSpan(figures), missing))
            {
                int i = members[step.Candidate];
                gotten += Ask(now, asked[i].Consumer, asked[i].Target, candidates[i].UsedBytes, step.Bytes);
            }

            given += gotten;
            missing -= Math.Max(gotten, Math.Min(missing, Math.Max(0, excess)));
        }

        return given;
    }

    private long Ask(TimeSpan now, Consumer consumer, IMemoryReclaimer target, long before, long bytes)
    {
        Interlocked.Add(ref counters.RequestedBytes, bytes);
        try
        {
            before = Math.Max(before, target.UsedBytes);
            long said = target.Reclaim(bytes);

            // Others may have added meanwhile, so less than it said is no lie; less than half of it is.
            long seen = Math.Max(0, before - target.UsedBytes);
            bool isTrue = said >= 0 && said <= before && seen >= said / 2;
            long given = isTrue ? said : Math.Min(seen, Math.Max(0, said));
            Interlocked.Add(ref counters.ReclaimedBytes, given);
            Note(consumer, isTrue, now);
            return given;
        }
        catch (Exception)
        {
            Note(consumer, succeeded: false, now);
            return 0;
        }
    }

    private bool TryRead(Consumer consumer, IMemoryReclaimer target, TimeSpan now, out ReclaimCandidate candidate)
    {
        try
        {
            candidate = new ReclaimCandidate(target.Priority, target.UsedBytes, target.ReclaimableBytes, consumer.Guaranteed);
            if (candidate is { UsedBytes: >= 0, ReclaimableBytes: >= 0, Priority: >= ReclaimPriority.Disposable and <= ReclaimPriority.Essential })
            {
                return true;
            }
        }
        catch (Exception)
        {
            candidate = default;
        }

        Note(consumer, succeeded: false, now);
        return false;
    }

    private void Note(Consumer consumer, bool succeeded, TimeSpan now)
    {
        if (succeeded)
        {
            consumer.Succeed();
        }
        else
        {
            Interlocked.Increment(ref counters.ConsumerFailures);
            consumer.Fail(now, pauseAfterFailures);
        }
    }
}
