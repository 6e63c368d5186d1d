using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Ring;

public class RingPropertyTests
{
    private const int MaxCount = 13;

    public enum Act
    {
        Add,
        AddRange,
        Read,
        Trim,
        Resize,
        Clear,
    }

    private static readonly Gen<(Act Act, int Size)[]> Histories =
        (from act in Gen.Frequency(
            (30, Gen.Constant(Act.Add)), (3, Gen.Constant(Act.AddRange)), (5, Gen.Constant(Act.Read)), (1, Gen.Constant(Act.Trim)), (1, Gen.Constant(Act.Resize)),
            (1, Gen.Constant(Act.Clear)))
         from size in Gen.Frequency((8, Gen.Choose(0, 30)), (1, Gen.Choose(0, 120)))
         select (act, size)).ArrayOf();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void BoundedByCount_RandomHistory_IsTheReferenceToTheLastItem(bool isConcurrent, bool hasCallback) => Check(history =>
    {
        var left = new List<(int Item, RemovalCause Cause)>();
        var expectedLeft = new List<(int Item, RemovalCause Cause)>();
        var options = new RingBufferOptions<int> { MaxCount = MaxCount };
        options.Evicted = hasCallback ? (items, cause) => left.AddRange(items.ToArray().Select(item => (item, cause))) : null;
        using IRing<int> ring = isConcurrent ? new ConcurrentRing<int>(options) : new OneAtATime<int>(options);
        var reference = new Queue<int>();
        int maxCount = MaxCount;
        int next = 0;
        foreach ((Act act, int size) in history)
        {
            switch (act)
            {
                case Act.Add:
                    Assert.Equal(AddResult.Added, ring.Add(++next));
                    reference.Enqueue(next);
                    DropTo(maxCount, RemovalCause.Evicted);
                    break;
                case Act.AddRange:
                    int[] range = [.. Enumerable.Range(next + 1, size)];
                    next += size;
                    Assert.Equal(size, ring.AddRange(range));
                    foreach (int item in range)
                    {
                        reference.Enqueue(item);
                        DropTo(maxCount, RemovalCause.Evicted);
                    }

                    break;
                case Act.Read:
                    Assert.Equal(reference.TakeLast(size), ring.Newest(size));
                    Assert.All(reference.Select((item, i) => (item, i)), pair => Assert.Equal(pair.item, ring[pair.i]));
                    Assert.Throws<ArgumentOutOfRangeException>(() => ring[reference.Count]);
                    break;
                case Act.Trim:
                    int trimmed = Math.Min(reference.Count, (size + 3) / 4);
                    Assert.Equal(4 * trimmed, ring.Trim(size));
                    DropTo(reference.Count - trimmed, RemovalCause.Trimmed);
                    break;
                case Act.Resize:
                    maxCount = 1 + (size % 20);
                    Assert.True(ring.TryResize(null, maxCount));
                    DropTo(maxCount, RemovalCause.Trimmed);
                    break;
                case Act.Clear:
                    ring.Clear();
                    DropTo(0, RemovalCause.Cleared);
                    break;
            }

            Assert.Equal(reference, ring.Newest(int.MaxValue));
            Assert.Equal(hasCallback ? expectedLeft : [], left);
            RingStatistics s = ring.Statistics;
            Assert.Equal(
                (next, reference.Count, Left(RemovalCause.Evicted), Left(RemovalCause.Trimmed), Left(RemovalCause.Cleared)),
                (s.Added, s.Count, s.Evicted, s.Trimmed, s.Cleared));
        }

        void DropTo(int count, RemovalCause cause)
        {
            while (reference.Count > count)
            {
                expectedLeft.Add((reference.Dequeue(), cause));
            }
        }

        long Left(RemovalCause cause) => expectedLeft.Count(item => item.Cause == cause);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BoundedByBytes_RandomHistory_KeepsTheNewestAndTheBound(bool isConcurrent) => Check(history =>
    {
        var left = new List<byte[]>();
        long maxBytes = 20_000;
        var options = new RingBufferOptions<byte[]> { MaxBytes = maxBytes, Evicted = (items, _) => left.AddRange(items) };
        using IRing<byte[]> ring = isConcurrent ? new ConcurrentRing<byte[]>(options) : new OneAtATime<byte[]>(options);
        var all = new List<byte[]>();
        foreach ((Act act, int size) in history)
        {
            RingStatistics before = ring.Statistics;
            switch (act)
            {
                case Act.Trim:
                    long freed = ring.Trim(size * 50);
                    Assert.True(freed >= size * 50 || ring.Count == 0);
                    Assert.Equal(before.Bytes - freed, ring.Bytes);
                    break;
                case Act.Resize:
                    maxBytes = 12_000 + (size * 100);
                    Assert.True(ring.TryResize(maxBytes, null));
                    break;
                case Act.Clear:
                    ring.Clear();
                    break;
                default:
                    byte[] item = new byte[size * size];
                    long charge = HeapLayout.ArrayBytes<byte>(item.Length);
                    AddResult result = ring.Add(item);
                    if (result == AddResult.Added)
                    {
                        all.Add(item);
                        Assert.Same(item, ring[ring.Count - 1]);

                        // Not more left than had to: the one that went last, and its slots, would not have fitted as well.
                        Assert.True(ring.Count == before.Count + 1 || ring.Bytes + HeapLayout.ArrayBytes<byte>(left[^1].Length) + 1000 > maxBytes || ring.Statistics.OverheadBytes < before.OverheadBytes);
                    }
                    else
                    {
                        Assert.Equal(AddResult.TooLarge, result);
                        Assert.True(charge > maxBytes - 4000);
                        Assert.Equal(before with { RejectedTooLarge = before.RejectedTooLarge + 1 }, ring.Statistics);
                    }

                    break;
            }

            Assert.InRange(ring.Bytes, 0, maxBytes);
            Assert.True(all.Take(left.Count).SequenceEqual(left) && all.Skip(left.Count).SequenceEqual(ring.Newest(int.MaxValue)));
            Assert.Equal(ring.Newest(int.MaxValue).Sum(i => HeapLayout.ArrayBytes<byte>(i.Length)), ring.Bytes - ring.Statistics.OverheadBytes);
        }
    });

    private static void Check(Action<(Act Act, int Size)[]> property) =>
        Prop.ForAll(Histories.ToArbitrary(), property).Check(Stress.Config(endSize: 150, cases: 200));
}
