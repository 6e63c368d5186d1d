using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Budgets;

public class ArbitrationPropertyTests
{
    private const long Limit = 1_000_000;

    /// <summary>Random trees of consumers that reserve and release: what a full tree promises after every step.</summary>
    [Fact]
    public void RandomConsumers_NeverOver_NeverBelowAGuarantee_NeverRefusedInVain_NothingStranded()
    {
        Gen<(int Priority, int Guaranteed, bool IsNested)> consumer =
            from priority in Gen.Choose(0, 3)
            from guaranteed in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 400_000))
            from isNested in Gen.Elements(true, false)
            select (priority, guaranteed, isNested);
        Gen<(int Who, bool Releases, int Bytes)> operation =
            from who in Gen.Choose(0, 4)
            from kind in Gen.Choose(0, 3)
            from bytes in Gen.OneOf(Gen.Choose(0, 5000), Gen.Choose(0, 500_000))
            select (who, kind == 0, bytes);
        var history = from consumers in consumer.ArrayOf(5) from operations in operation.ArrayOf() select (consumers, operations);
        Prop.ForAll(history.ToArbitrary(), static h =>
        {
            using var root = new MemoryBudget(Limit, "root");
            using MemoryBudget middle = root.CreateChild("middle", 600_000, guaranteedBytes: 200_000);
            Holder[] holders = [.. h.consumers.Select((c, i) =>
                new Holder((c.IsNested ? middle : root).CreateChild($"h{i}", guaranteedBytes: c.Guaranteed), (ReclaimPriority)c.Priority))];
            foreach ((int who, bool releases, int bytes) in h.operations)
            {
                Holder one = holders[who];
                long[] before = [.. holders.Select(other => other.Held)];
                long middleBefore = middle.ReservedBytes;
                if (releases)
                {
                    one.Release(bytes);
                    continue;
                }

                bool isReserved = one.Hold(bytes);
                Assert.InRange(root.Used, 0, Limit);
                Assert.InRange(middle.Used, 0, 600_000);
                Assert.Equal(holders.Sum(other => other.Held), root.ReservedBytes);
                for (int i = 0; i < holders.Length; i++)
                {
                    // It has lost nothing, or what it has is still at least what is guaranteed to it.
                    bool isAsker = i == who;
                    Assert.True(isAsker || holders[i].Held >= before[i] || holders[i].Held >= h.consumers[i].Guaranteed, $"{i} was brought below its guarantee.");
                }

                Assert.True(h.consumers[who].IsNested || middle.ReservedBytes >= Math.Min(middleBefore, 200_000), "The middle was brought below its guarantee.");
                if (!isReserved)
                {
                    Assert.False(CouldHaveBeen(h.consumers, holders, middle, who, bytes), "Refused though others could have given enough.");
                }
            }

            foreach (Holder holder in holders)
            {
                holder.Release(long.MaxValue);
                holder.Budget.Dispose();
            }

            Assert.Equal(0, root.ReservedBytes);
            middle.Dispose();
            Assert.Equal(0, root.Used);
        }).Check(Stress.Config(endSize: 60));
    }

    /// <summary>Whether there is enough in what is free and what others hold beyond guarantees; who asks is spared here, and that is the harder case.</summary>
    private static bool CouldHaveBeen((int Priority, int Guaranteed, bool IsNested)[] consumers, Holder[] holders, MemoryBudget middle, int who, long bytes)
    {
        long Beyond(int i) => i == who ? 0 : Math.Max(0, holders[i].Held - consumers[i].Guaranteed);
        long nested = Enumerable.Range(0, holders.Length).Where(i => consumers[i].IsNested).Sum(Beyond);
        long direct = Enumerable.Range(0, holders.Length).Where(i => !consumers[i].IsNested).Sum(Beyond);
        long held = holders.Sum(holder => holder.Held);
        if (consumers[who].IsNested)
        {
            return middle.ReservedBytes - nested + bytes <= 600_000 && held - nested - direct + bytes <= Limit;
        }

        nested = Math.Min(nested, Math.Max(0, middle.ReservedBytes - 200_000));
        return held - nested - direct + bytes <= Limit;
    }
}
