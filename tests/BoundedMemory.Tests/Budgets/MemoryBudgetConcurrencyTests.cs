using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Budgets;

public class MemoryBudgetConcurrencyTests
{
    [Fact]
    public void ManyThreadsOnATree_NeverOverAnyLimit_AndNothingStranded()
    {
        const int Workers = 8;
        using var root = new MemoryBudget(20 * MemoryBudget.Quantum, "root");
        MemoryBudget[] middles = [root.CreateChild("m0", 14 * MemoryBudget.Quantum), root.CreateChild("m1")];
        MemoryBudget[] all = [root, .. middles];
        long samples = 0;
        long refused = 0;

        void Work(int worker)
        {
            var random = new Random(worker);
            for (int round = 0; round < 40; round++)
            {
                using MemoryBudget leaf = middles[worker % 2].CreateChild("leaf");
                var held = new Queue<long>();
                for (int i = 0; i < 1000; i++)
                {
                    long bytes = random.Next(100) == 0 ? random.Next(300_000) : random.Next(5000);
                    if (leaf.TryReserve(bytes))
                    {
                        held.Enqueue(bytes);
                    }
                    else
                    {
                        Interlocked.Increment(ref refused);
                    }

                    if (held.Count > 40 && random.Next(3) > 0)
                    {
                        leaf.Release(held.Dequeue());
                        leaf.Release(held.Dequeue());
                    }

                    // While a sibling takes this leaf's credit back, that credit may still show as used here.
                    Assert.InRange(leaf.Used, held.Sum(), leaf.Limit);
                }

                while (held.TryDequeue(out long bytes))
                {
                    leaf.Release(bytes);
                }
            }
        }

        void Sample()
        {
            foreach (MemoryBudget budget in all)
            {
                Assert.InRange(budget.Used, 0, budget.Limit);
                samples++;
            }
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, Workers).Select(i => (Action)(() => Work(i)))]);

        Assert.True(samples > 1000);
        Assert.True(refused > 0, "The limits were never reached: this run proved nothing.");
        Assert.Equal(0, middles[0].Used + middles[1].Used);
        middles[0].Dispose();
        middles[1].Dispose();
        Assert.Equal(0, root.Used);
    }

    [Fact]
    public void LimitChangesUnderLoad_UsedNeverAboveTheLimitInForce()
    {
        using var budget = new MemoryBudget(1000);
        int lowered = 0;

        void Resize()
        {
            var random = new Random(1);
            for (int i = 0; i < 200_000; i++)
            {
                lowered += budget.TrySetLimit(random.Next(100, 1000)) ? 1 : 0;
            }
        }

        void Work()
        {
            long bytes = Random.Shared.Next(1, 300);
            if (budget.TryReserve(bytes))
            {
                // The limit may move between the two reads, but not below what this thread alone holds.
                Assert.True(budget.Limit >= bytes);
                budget.Release(bytes);
            }
        }

        Threaded.RunWatched([Work, Work, () => Assert.InRange(budget.Used, 0, 1000)], Resize);

        Assert.True(lowered > 100);
        Assert.Equal(0, budget.Used);
        Assert.True(budget.TryReserve(budget.Limit));
    }
}
