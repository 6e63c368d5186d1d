using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Budgets;

public class ReclaimPlanTests
{
    [Fact]
    public void Make_LowestClassHasEnough_OthersAreSpared() => Assert.Equal(
        [(2, 100L)],
        Steps(100, Of(ReclaimPriority.Essential, 5000), Of(ReclaimPriority.Cache, 5000), Of(ReclaimPriority.Disposable, 200)));

    [Fact]
    public void Make_LowestClassHasTooLittle_NextClassGivesTheRest() => Assert.Equal(
        [(2, 200L), (1, 5000L), (3, 800L)],
        Steps(
            6000, Of(ReclaimPriority.Essential, 5000), Of(ReclaimPriority.Cache, 5000), Of(ReclaimPriority.Disposable, 200), Of(ReclaimPriority.Conversation, 5000)));

    [Fact]
    public void Make_OneClass_TheLargestGivesFirst() =>
        Assert.Equal([(1, 100L)], Steps(100, Of(ReclaimPriority.Cache, 300), Of(ReclaimPriority.Cache, 1000), Of(ReclaimPriority.Cache, 900)));

    [Fact]
    public void Make_MoreThanTheLargestHasBeyondTheOthers_BringsThemLevel() =>
        Assert.Equal([(1, 400L), (2, 300L)], Steps(700, Of(ReclaimPriority.Cache, 300), Of(ReclaimPriority.Cache, 1000), Of(ReclaimPriority.Cache, 900)));

    [Fact]
    public void Make_Guarantee_ExcessDecidesNotSize() =>
        Assert.Equal([(1, 50L)], Steps(50, new ReclaimCandidate(ReclaimPriority.Cache, 1000, 1000, 950), Of(ReclaimPriority.Cache, 100)));

    [Fact]
    public void Make_EverythingIsGuaranteed_AsksNobody() =>
        Assert.Empty(Steps(50, new ReclaimCandidate(ReclaimPriority.Cache, 1000, 1000, 1000), new ReclaimCandidate(ReclaimPriority.Cache, 10, 10, 5000)));

    [Fact]
    public void Make_Share_LimitsWhatOneIsAskedFor() => Assert.Equal(
        [(0, 200L), (1, 100L)],
        Steps(5000, new ReclaimCandidate(ReclaimPriority.Cache, 1000, 1000, 200, 0.25), new ReclaimCandidate(ReclaimPriority.Cache, 400, 400, 0, 0.25)));

    [Theory]
    [InlineData(-5, -5, 0)]
    [InlineData(long.MaxValue, -1, 0)]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue)]
    public void Make_FiguresThatMakeNoSense_CountAsNone(long used, long reclaimable, long guaranteed) =>
        Assert.Equal([(1, 10L)], Steps(50, new ReclaimCandidate(ReclaimPriority.Disposable, used, reclaimable, guaranteed), Of(ReclaimPriority.Cache, 10)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Make_NothingIsWanted_AsksNobody(long wanted) => Assert.Empty(Steps(wanted, Of(ReclaimPriority.Cache, 10)));

    /// <summary>What every plan keeps, whatever the candidates say of themselves.</summary>
    [Fact]
    public void Make_AnyCandidates_KeepsItsPromises()
    {
        Gen<long> bytes = Gen.OneOf(Gen.Choose(-10, 100).Select(n => (long)n), Gen.Choose(0, 1_000_000).Select(n => (long)n), Gen.Constant(long.MaxValue));
        Gen<ReclaimCandidate> candidate =
            from priority in Gen.Choose(0, 3)
            from used in bytes
            from reclaimable in bytes
            from guaranteed in Gen.OneOf(Gen.Constant(0L), bytes)
            from share in Gen.Elements(1.0, 0.25, 0.5)
            select new ReclaimCandidate((ReclaimPriority)priority, used, reclaimable, guaranteed, share);
        Gen<(ReclaimCandidate[] Candidates, long Wanted)> plan = from candidates in candidate.ArrayOf() from wanted in bytes select (candidates, wanted);
        Prop.ForAll(plan.ToArbitrary(), static p =>
        {
            ReclaimCandidate[] candidates = p.Candidates;
            List<ReclaimStep> steps = ReclaimPlan.Make(candidates, p.Wanted);
            Assert.Equal(steps.Count, steps.Select(s => s.Candidate).Distinct().Count());
            decimal asked = steps.Sum(s => (decimal)s.Bytes);
            decimal most = candidates.Sum(c => (decimal)c.Most);
            Assert.Equal(Math.Min(Math.Max(0, p.Wanted), most) > long.MaxValue / 2 ? long.MaxValue / 2 : Math.Min(Math.Max(0, p.Wanted), most), asked);
            Assert.All(steps, s =>
            {
                ReclaimCandidate c = candidates[s.Candidate];
                Assert.InRange(s.Bytes, 1, c.Most);
                Assert.True(c.UsedBytes - s.Bytes >= Math.Max(0, c.GuaranteedBytes));
            });

            // By class; a class only when all below it give what they may.
            Assert.Equal(steps.Select(s => candidates[s.Candidate].Priority).Order(), steps.Select(s => candidates[s.Candidate].Priority));
            Dictionary<int, long> askedOf = steps.ToDictionary(s => s.Candidate, s => s.Bytes);
            if (steps.Count > 0)
            {
                ReclaimPriority highest = candidates[steps[^1].Candidate].Priority;
                for (int i = 0; i < candidates.Length; i++)
                {
                    Assert.True(candidates[i].Priority >= highest || askedOf.GetValueOrDefault(i) == candidates[i].Most);
                }

                // Within the highest class asked, nobody is brought below another who could give more; the last one asked may be asked for less, by a byte for each.
                long[] left = [.. candidates.Select((c, i) => c.Excess - askedOf.GetValueOrDefault(i))];
                for (int i = 0; i < candidates.Length; i++)
                {
                    for (int j = 0; j < candidates.Length; j++)
                    {
                        bool areEqual = candidates[i].Priority == highest && candidates[j].Priority == highest;
                        bool couldGiveMore = askedOf.GetValueOrDefault(j) + candidates.Length < candidates[j].Most;
                        Assert.True(!areEqual || askedOf.GetValueOrDefault(i) == 0 || !couldGiveMore || left[i] >= left[j] - candidates.Length, $"{i} was brought below {j}.");
                    }
                }
            }
        }).Check(Stress.Config(endSize: 12));
    }

    private static ReclaimCandidate Of(ReclaimPriority priority, long bytes) => new(priority, bytes, bytes);

    private static IEnumerable<(int, long)> Steps(long wanted, params ReclaimCandidate[] candidates) =>
        ReclaimPlan.Make(candidates, wanted).Select(s => (s.Candidate, s.Bytes));
}
