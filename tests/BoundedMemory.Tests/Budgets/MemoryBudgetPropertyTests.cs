using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Budgets;

public class MemoryBudgetPropertyTests
{
    /// <summary>Random trees and operations against a naive model in which a refusal is exactly "some node on the path has no room".</summary>
    [Fact]
    public void RandomOperations_AgreeWithANaiveTree()
    {
        Gen<(int Node, int Kind, long Bytes)> operation =
            from node in Gen.Choose(0, 5)
            from kind in Gen.Choose(0, 9)
            from size in Gen.OneOf(Gen.Choose(0, 100), Gen.Choose(1, 400_000))
            select (node, kind, (long)size);
        Prop.ForAll(operation.ArrayOf().ToArbitrary(), static operations =>
        {
            using var root = new MemoryBudget(1_000_000, "r");
            MemoryBudget a = root.CreateChild("a", 700_000);
            MemoryBudget b = root.CreateChild("b");
            MemoryBudget[] nodes = [root, a, b, a.CreateChild("c"), a.CreateChild("d", 300_000), b.CreateChild("e", 2_000_000)];
            int[] parents = [-1, 0, 0, 1, 1, 2];
            long[] limits = [1_000_000, 700_000, long.MaxValue, long.MaxValue, 300_000, 2_000_000];
            long[] own = new long[6];
            foreach ((int node, int kind, long bytes) in operations)
            {
                if (kind < 6)
                {
                    bool fits = true;
                    for (int n = node; n >= 0; n = parents[n])
                    {
                        fits &= Total(own, parents, n) + bytes <= limits[n];
                    }

                    Assert.Equal(fits, nodes[node].TryReserve(bytes));
                    own[node] += fits ? bytes : 0;
                }
                else if (kind < 9)
                {
                    long released = Math.Min(own[node], bytes);
                    nodes[node].Release(released);
                    own[node] -= released;
                }
                else
                {
                    long limit = bytes + 1;
                    bool possible = Total(own, parents, node) <= limit;
                    Assert.Equal(possible, nodes[node].TrySetLimit(limit));
                    limits[node] = possible ? limit : limits[node];
                }

                for (int n = 0; n < nodes.Length; n++)
                {
                    Assert.Equal(limits[n], nodes[n].Limit);
                    Assert.InRange(nodes[n].Used, Total(own, parents, n), nodes[n].Limit);
                }
            }

            for (int n = nodes.Length - 1; n > 0; n--)
            {
                nodes[n].Release(own[n]);
                nodes[n].Dispose();
            }

            Assert.Equal(own[0], root.Used);
        }).Check(Stress.Config(endSize: 60, cases: 500));
    }

    private static long Total(long[] own, int[] parents, int node)
    {
        long total = own[node];
        for (int n = 0; n < parents.Length; n++)
        {
            total += parents[n] == node ? Total(own, parents, n) : 0;
        }

        return total;
    }
}
