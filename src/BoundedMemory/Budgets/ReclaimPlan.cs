using System.Diagnostics;

namespace BoundedMemory;

/// <summary>One that could be asked for memory, as a plan sees it.</summary>
/// <param name="Priority">Its class.</param>
/// <param name="UsedBytes">Bytes it holds.</param>
/// <param name="ReclaimableBytes">Bytes it says it could give.</param>
/// <param name="GuaranteedBytes">Bytes it is left with.</param>
/// <param name="Share">Part of what it holds beyond its guarantee that it may be asked for at once; 0 to 1.</param>
internal readonly record struct ReclaimCandidate(ReclaimPriority Priority, long UsedBytes, long ReclaimableBytes, long GuaranteedBytes = 0, double Share = 1)
{
    /// <summary>Bytes it holds beyond its guarantee.</summary>
    public long Excess => Math.Max(0, Math.Max(0, UsedBytes) - Math.Max(0, GuaranteedBytes));

    /// <summary>Bytes it may be asked for.</summary>
    public long Most => Math.Clamp(Share >= 1 ? Excess : (long)(Excess * Share), 0, Math.Max(0, ReclaimableBytes));
}

/// <summary>Who is asked for how much.</summary>
/// <param name="Candidate">Index of the candidate.</param>
/// <param name="Bytes">Bytes; at least 1.</param>
internal readonly record struct ReclaimStep(int Candidate, long Bytes);

/// <summary>Decides whom to ask for memory: the only place where that is decided. Pure: nothing is asked here.</summary>
/// <remarks>
/// <para>A class is asked only if what the classes below it may give is not enough. Within a class those give that hold most beyond their guarantee, each only as much as brings
/// it level with the others: the largest down to the second, both down to the third, and so on. So nobody is emptied while its equals are spared.</para>
/// <para>Nobody is asked for more than what it holds beyond its guarantee, its share of that, or what it says it could give. O(n log b) for n candidates with b bytes.</para>
/// </remarks>
internal static class ReclaimPlan
{
    /// <summary>Enough of it can be added without overflow.</summary>
    private const long MostWanted = long.MaxValue / 2;

    /// <summary>Makes a plan; equal candidates are asked in the order given.</summary>
    /// <param name="candidates">Who could be asked; figures that make no sense count as none.</param>
    /// <param name="wanted">Bytes; nothing is asked for 0 or less.</param>
    /// <returns>Whom to ask, in this order: by class, then by what they hold beyond their guarantee. Less in all than is wanted if there is no more.</returns>
    public static List<ReclaimStep> Make(ReadOnlySpan<ReclaimCandidate> candidates, long wanted)
    {
        var steps = new List<ReclaimStep>();
        long missing = Math.Min(wanted, MostWanted);
        int[] order = Order(candidates);
        for (int first = 0, next; first < order.Length && missing > 0; first = next)
        {
            ReclaimPriority priority = candidates[order[first]].Priority;
            next = first + 1;
            while (next < order.Length && candidates[order[next]].Priority == priority)
            {
                next++;
            }

            ReadOnlySpan<int> members = order.AsSpan(first, next - first);
            long level = LevelFor(candidates, members, missing);
            foreach (int member in members)
            {
                long bytes = Math.Min(missing, GivenDownTo(level, candidates[member]));
                if (bytes > 0)
                {
                    steps.Add(new ReclaimStep(member, bytes));
                    missing -= bytes;
                }
            }
        }

        Debug.Assert(missing >= 0 || wanted <= 0, "Nobody is asked for what is not wanted.");
        return steps;
    }

    /// <summary>Indices by class, then the largest excess first.</summary>
    private static int[] Order(ReadOnlySpan<ReclaimCandidate> candidates)
    {
        int[] order = new int[candidates.Length];
        var keys = new (ReclaimPriority Priority, long Excess, int Index)[candidates.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            keys[i] = (candidates[i].Priority, -candidates[i].Excess, i);
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>The highest level of excess at which the members of a class, brought down to it, give enough; 0 if they never do.</summary>
    private static long LevelFor(ReadOnlySpan<ReclaimCandidate> candidates, ReadOnlySpan<int> members, long wanted)
    {
        long low = 0;
        long high = candidates[members[0]].Excess;
        while (low < high)
        {
            long middle = high - ((high - low) / 2);
            if (GiveEnough(candidates, members, middle, wanted))
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private static bool GiveEnough(ReadOnlySpan<ReclaimCandidate> candidates, ReadOnlySpan<int> members, long level, long wanted)
    {
        long given = 0;
        foreach (int member in members)
        {
            given += Math.Min(wanted, GivenDownTo(level, candidates[member]));
            if (given >= wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static long GivenDownTo(long level, in ReclaimCandidate candidate) => Math.Clamp(candidate.Excess - level, 0, candidate.Most);
}
