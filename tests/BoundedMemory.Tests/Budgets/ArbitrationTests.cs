using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Budgets;

/// <summary>Who is asked for room, with consumers that give exactly what they are asked for.</summary>
public sealed class ArbitrationTests : IDisposable
{
    private const long Limit = 100_000;

    private readonly MemoryBudget _root = new(Limit, "root");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void TryReserve_FullTree_LargestOfTheLowestClassGives()
    {
        Holder conversation = Child("conversation", ReclaimPriority.Conversation, 40_000);
        Holder small = Child("small", ReclaimPriority.Cache, 20_000);
        Holder large = Child("large", ReclaimPriority.Cache, 35_000);
        MemoryBudget newcomer = _root.CreateChild("newcomer");

        Assert.True(newcomer.TryReserve(10_000));

        Assert.Equal((40_000, 20_000), (conversation.Held, small.Held));
        Assert.InRange(large.Held, 25_000, 30_000);
        Assert.Equal((0, 0, 1), (conversation.Asked, small.Asked, large.Asked));
        Assert.Equal((1, 0, 0), (_root.Statistics.Reclaims, _root.Statistics.Refusals, _root.Statistics.ReclaimsInVain));
        Assert.Equal(35_000 - large.Held, _root.Statistics.ReclaimedBytes);
    }

    [Fact]
    public void TryReserve_ARoomThatIsFree_AsksNobody()
    {
        Holder holder = Child("holder", ReclaimPriority.Disposable, 50_000);
        Assert.True(_root.CreateChild("newcomer").TryReserve(50_000));
        Assert.Equal(0, holder.Asked);
    }

    [Fact]
    public void TryReserve_LowestClassHasTooLittle_NextClassGivesTheRest()
    {
        Holder disposable = Child("disposable", ReclaimPriority.Disposable, 10_000);
        Holder essential = Child("essential", ReclaimPriority.Essential, 30_000);
        Holder cache = Child("cache", ReclaimPriority.Cache, 60_000);
        Assert.True(_root.CreateChild("newcomer").TryReserve(50_000));
        Assert.Equal((0, 30_000), (disposable.Held, essential.Held));
        Assert.InRange(cache.Held, 10_000, 20_000);
    }

    [Fact]
    public void TryReserve_WhatIsGuaranteed_IsNotGiven()
    {
        using MemoryBudget kept = _root.CreateChild("kept", guaranteedBytes: 70_000);
        Holder first = new(kept.CreateChild("first"), bytes: 50_000);
        Holder second = new(kept.CreateChild("second"), bytes: 50_000);
        MemoryBudget newcomer = _root.CreateChild("newcomer");

        Assert.False(newcomer.TryReserve(30_001));
        Assert.True(first.Held + second.Held >= 70_000);
        Assert.True(newcomer.TryReserve(30_000));
        Assert.Equal(70_000, first.Held + second.Held);
        Assert.False(newcomer.TryReserve(1));
        Assert.Equal(70_000, first.Held + second.Held);
        Assert.Equal(2, _root.Statistics.Refusals);
    }

    [Fact]
    public void TryReserve_WithinOneGuarantee_ItsOthersGive()
    {
        using MemoryBudget kept = _root.CreateChild("kept", 60_000, guaranteedBytes: 60_000);
        Holder large = new(kept.CreateChild("large"), bytes: 60_000);
        Holder outside = Child("outside", ReclaimPriority.Disposable, 40_000);
        Assert.True(kept.CreateChild("newcomer").TryReserve(20_000));
        Assert.InRange(large.Held, 35_000, 40_000);
        Assert.Equal((1, 0, 40_000), (large.Asked, outside.Asked, outside.Held));
    }

    [Fact]
    public void TryReserve_AnInnerBudgetIsFull_OnlyThoseInItAreAsked()
    {
        using MemoryBudget inner = _root.CreateChild("inner", 30_000);
        Holder inside = new(inner.CreateChild("inside"), ReclaimPriority.Essential, 30_000);
        Holder outside = Child("outside", ReclaimPriority.Disposable, 50_000);
        Assert.True(inner.CreateChild("newcomer").TryReserve(5_000));
        Assert.Equal((0, 1), (outside.Asked, inside.Asked));
        Assert.Equal((1, 0), (inner.Statistics.Reclaims, _root.Statistics.Reclaims));
    }

    [Fact]
    public void TryReserve_InnerAndOuterBudgetAreFull_BothMakeRoom()
    {
        using MemoryBudget inner = _root.CreateChild("inner", 30_000);
        Holder inside = new(inner.CreateChild("inside"), bytes: 10_000);
        Holder outside = Child("outside", ReclaimPriority.Cache, 90_000);
        Assert.True(inner.CreateChild("newcomer").TryReserve(25_000));
        Assert.InRange(inside.Held, 0, 5_000);
        Assert.InRange(outside.Held, 0, 75_000);
    }

    [Fact]
    public void TryReserve_MoreThanTheLimit_AsksNobodyAndIsNotTransient()
    {
        Holder holder = Child("holder", ReclaimPriority.Disposable, 50_000);
        MemoryBudgetExceededException error = Assert.Throws<MemoryBudgetExceededException>(() => _root.Reserve(Limit + 1));
        Assert.Equal((0, false), (holder.Asked, error.IsTransient));
        holder.Dispose();
        Assert.True(Assert.Throws<MemoryBudgetExceededException>(() => _root.Reserve(Limit)).IsTransient);
    }

    [Fact]
    public void TryReserve_RequesterIsNotTheLargest_IsSpared()
    {
        Holder requester = Child("requester", ReclaimPriority.Disposable, 40_000);
        Holder other = Child("other", ReclaimPriority.Cache, 60_000);
        Assert.True(requester.Hold(5_000));
        Assert.Equal((0, 1, 45_000), (requester.Asked, other.Asked, requester.Held));
    }

    [Fact]
    public void TryReserve_RequesterIsTheLargestOfTheLowestClass_GivesItself()
    {
        Holder requester = Child("requester", ReclaimPriority.Cache, 60_000);
        Holder other = Child("other", ReclaimPriority.Cache, 40_000);
        Assert.True(requester.Hold(5_000));
        Assert.Equal((1, 0, 40_000), (requester.Asked, other.Asked, other.Held));
    }

    [Fact]
    public void TryReserve_AConsumerThrows_TheNextIsAskedAndItIsCounted()
    {
        Holder broken = Child("broken", ReclaimPriority.Disposable, 60_000);
        Holder sound = Child("sound", ReclaimPriority.Cache, 40_000);
        broken.Asking = () => throw new InvalidOperationException("broken");
        Assert.True(_root.CreateChild("newcomer").TryReserve(10_000));
        Assert.Equal((1, 1, 60_000), (broken.Asked, sound.Asked, broken.Held));
        Assert.Equal((1, 1, 2), (_root.Statistics.ConsumerFailures, _root.Statistics.ReclaimsInVain, _root.Statistics.Reclaims));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(10_000, 0)]
    [InlineData(long.MaxValue, 1)]
    public void TryReserve_AConsumerLies_IsNotBelievedAndCounted(long says, int failures)
    {
        Holder liar = Child("liar", ReclaimPriority.Disposable, 60_000);
        Holder sound = Child("sound", ReclaimPriority.Cache, 40_000);
        liar.Says = _ => says;
        liar.SaysItUses = long.MaxValue;
        Assert.True(_root.CreateChild("newcomer").TryReserve(10_000));
        Assert.InRange(sound.Held, 25_000, 30_000);
        Assert.True(_root.Statistics.ReclaimsInVain >= 1 && _root.Statistics.ConsumerFailures >= failures);
        Assert.Equal(40_000 - sound.Held, _root.Statistics.ReclaimedBytes);
    }

    [Fact]
    public void TryReserve_AConsumerReservesWhileItIsAsked_IsRefusedAndNobodyAsksAgain()
    {
        Holder other = Child("other", ReclaimPriority.Cache, 40_000);
        Holder greedy = Child("greedy", ReclaimPriority.Disposable, 60_000);
        bool? got = null;
        greedy.Asking = () => got = greedy.Hold(10_000);
        Assert.True(_root.CreateChild("newcomer").TryReserve(10_000));
        Assert.Equal((false, 1, 0), (got, greedy.Asked, other.Asked));
    }

    [Fact]
    public void TryReserve_AConsumerWaitsForAnotherThreadThatReserves_BothEnd()
    {
        Holder holder = Child("holder", ReclaimPriority.Cache, Limit);
        MemoryBudget other = _root.CreateChild("other");
        bool? got = null;
        holder.Asking = () => got = Patience.OnThread(() => other.TryReserve(10_000)).Soon().GetAwaiter().GetResult();
        Assert.True(_root.CreateChild("newcomer").TryReserve(10_000));
        Assert.False(got);
    }

    [Fact]
    public void TryReserve_TwoTreesAskEachOther_BothEnd()
    {
        using var second = new MemoryBudget(Limit, "second");
        Holder here = Child("here", ReclaimPriority.Cache, Limit);
        var there = new Holder(second.CreateChild("there"), bytes: Limit);
        here.Asking = () => second.CreateChild("from-here").TryReserve(1);
        there.Asking = () => _root.CreateChild("from-there").TryReserve(1);
        Threaded.Run(() => Assert.True(_root.CreateChild("a").TryReserve(1)), () => Assert.True(second.CreateChild("b").TryReserve(1)));
    }

    [Fact]
    public void Register_Disposed_IsNotAskedAnyMore()
    {
        Holder holder = Child("holder", ReclaimPriority.Cache, Limit);
        holder.Dispose();
        holder.Dispose();
        Assert.False(_root.TryReserve(1));
        Assert.Equal(0, holder.Asked);
    }

    [Fact]
    public void Register_DoesNotKeepTheConsumerAlive()
    {
        WeakReference dropped = Drop(_root);
        for (int i = 0; i < 10 && dropped.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(dropped.IsAlive);
        Assert.False(_root.TryReserve(1));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Drop(MemoryBudget budget) => new(new Holder(budget, bytes: Limit));
    }

    [Fact]
    public void Register_BadArguments_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => _root.Register(null!));
        MemoryBudget child = _root.CreateChild("child");
        child.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new Holder(child));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(50_001)]
    public void CreateChild_GuaranteeOutOfRange_NamesValueAndRange(long guaranteed)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => _root.CreateChild("child", 50_000, guaranteed));
        Assert.Equal(("guaranteedBytes", guaranteed), (error.ParamName, error.ActualValue));
        Assert.Contains("50000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryReserve_EightThreads_SumOfChildrenIsNeverAboveTheLimitAndNothingIsStranded()
    {
        Holder[] holders = [.. Enumerable.Range(0, 4).Select(i => new Holder(_root.CreateChild($"h{i}", guaranteedBytes: i * 5_000), (ReclaimPriority)(i / 2)))];
        long samples = 0;
        Threaded.RunWatched(
            [() =>
            {
                Assert.InRange(_root.Used, 0, Limit);
                Assert.InRange(holders.Sum(h => h.Budget.ReservedBytes), 0, 2 * Limit);
                samples++;
            }],
            [.. Enumerable.Range(0, 8).Select(worker => (Action)(() =>
            {
                var random = new Random(worker);
                Holder own = holders[worker % holders.Length];
                for (int i = 0; i < 4000; i++)
                {
                    if (random.Next(4) == 0)
                    {
                        own.Release(random.Next(10_000));
                    }
                    else
                    {
                        own.Hold(random.Next(8_000));
                    }
                }
            }))]);
        Assert.True(samples > 100 && _root.Statistics.Reclaims > 100, $"{samples} samples, {_root.Statistics.Reclaims} reclaims");
        Assert.Equal(0, _root.Statistics.ConsumerFailures);
        foreach (Holder holder in holders)
        {
            Assert.Equal(holder.Held, holder.Budget.Used);
            holder.Release(long.MaxValue);
            holder.Budget.Dispose();
        }

        Assert.Equal(0, _root.Used);
    }

    private Holder Child(string name, ReclaimPriority priority, long bytes) => new(_root.CreateChild(name), priority, bytes);
}
