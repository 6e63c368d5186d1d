using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Cache;

public class BoundedCachePropertyTests
{
    /// <summary>What one step of a random history does; weights are beyond the limit now and then.</summary>
    public enum Act
    {
        Get,
        Set,
        Remove,
        Resize,
        Trim,
        Clear,
    }

    private static readonly Gen<(Act Act, int Key, int Size)> Steps =
        from step in Gen.Frequency(
            (10, Gen.Constant(Act.Get)), (12, Gen.Constant(Act.Set)), (3, Gen.Constant(Act.Remove)), (1, Gen.Constant(Act.Resize)), (1, Gen.Constant(Act.Trim)))
        from key in Gen.Choose(0, 25)
        from size in Gen.Frequency((8, Gen.Choose(0, 30)), (1, Gen.Choose(0, 120)))
        select (step, key, size);

    [Fact]
    public void Lru_RandomHistory_IsTheReferenceToTheLastEntry() => Check((history) =>
    {
        using var cache = new BoundedCache<int, int>(new()
        {
            Policy = EvictionPolicy.Lru,
            MaxWeight = 100,
            MaxCount = 12,
            Weigher = (_, weight) => weight,
        });
        var reference = new ReferenceLru(100, 12);
        foreach ((Act step, int key, int size) in history)
        {
            switch (step)
            {
                case Act.Get:
                    bool isThere = reference.TryGet(key, out int expected);
                    Assert.Equal(isThere, cache.TryGet(key, out int value));
                    Assert.Equal(expected, value);
                    break;
                case Act.Set:
                    Assert.Equal(reference.Set(key, size, size), cache.Set(key, size));
                    break;
                case Act.Remove:
                    Assert.Equal(reference.Remove(key), cache.TryRemove(key));
                    break;
                case Act.Resize:
                    reference.Resize((size % 20) + 1);
                    Assert.True(cache.TryResize(maxCount: (size % 20) + 1));
                    break;
                default:
                    continue;
            }

            cache.Verify();
            Assert.Equal(reference.Weight, cache.Weight);
            Assert.Equal(reference.Entries.Select(entry => entry.Key), cache.Coldest(int.MaxValue).Select(entry => entry.Key));
            Assert.Equal(reference.Entries.Select(entry => entry.Key).Reverse(), cache.Hottest(int.MaxValue).Select(entry => entry.Key));
        }
    });

    [Theory]
    [InlineData(EvictionPolicy.Lru, EvictionGoal.Balanced)]
    [InlineData(EvictionPolicy.ScanResistant, EvictionGoal.Balanced)]
    [InlineData(EvictionPolicy.ScanResistant, EvictionGoal.Requests)]
    [InlineData(EvictionPolicy.ScanResistant, EvictionGoal.Bytes)]
    public void AnyPolicy_RandomHistory_KeepsBoundsAndValuesAndCounts(EvictionPolicy policy, EvictionGoal goal) => Check(history =>
    {
        var left = new List<RemovedEntry<int, byte[]>>();
        using var cache = new BoundedCache<int, byte[]>(new()
        {
            Policy = policy,
            Goal = goal,
            MaxBytes = 32_000,
            MaxCount = 15,
            Removed = left.Add,
        });
        var model = new Dictionary<int, byte[]>();
        long stored = 0;
        long maxBytes = 32_000;
        long maxCount = 15;
        foreach ((Act step, int key, int size) in history)
        {
            int before = left.Count;
            switch (step)
            {
                case Act.Get:
                    bool isThere = cache.TryGet(key, out byte[]? value);
                    Assert.Equal(model.ContainsKey(key), isThere);
                    Assert.Same(isThere ? model[key] : null, value);
                    break;
                case Act.Set:
                    byte[] bytes = new byte[size * size * 10];
                    SetResult result = cache.Set(key, bytes);
                    long charge = EntrySizes<int, byte[]>.Plain + HeapLayout.ArrayBytes<byte>(bytes.Length);
                    Assert.Equal(charge > maxBytes - cache.Statistics.OverheadBytes ? SetResult.TooLarge : model.ContainsKey(key) ? SetResult.Replaced : SetResult.Added, result);
                    stored += result.IsStored() ? 1 : 0;
                    model[key] = result.IsStored() ? bytes : model.GetValueOrDefault(key)!;
                    if (model[key] is null)
                    {
                        model.Remove(key);
                    }

                    break;
                case Act.Remove:
                    Assert.Equal(model.Remove(key), cache.TryRemove(key));
                    break;
                case Act.Trim:
                    long used = cache.Bytes;
                    long freed = cache.Trim(size * 20);
                    Assert.True(freed >= size * 20 || cache.Count == 0);
                    Assert.Equal(used - freed, cache.Bytes);
                    break;
                case Act.Resize:
                    (maxBytes, maxCount) = (20_000 + (size * 100), (size % 20) + 1);
                    Assert.True(cache.TryResize(maxBytes, maxCount));
                    break;
                case Act.Clear:
                    cache.Clear();
                    break;
            }

            foreach (RemovedEntry<int, byte[]> entry in left.Skip(before).Where(e => e.Cause is RemovalCause.Evicted or RemovalCause.Trimmed or RemovalCause.Cleared))
            {
                Assert.True(model.Remove(entry.Key, out byte[]? value));
                Assert.Same(value, entry.Value);
            }

            cache.Verify();
            Assert.InRange(cache.Bytes, 0, maxBytes);
            Assert.InRange(cache.Count, 0, maxCount);
            Assert.Equal(model.Count, cache.Count);
            Assert.Equal(model.OrderBy(e => e.Key), cache.OrderBy(e => e.Key));
            Assert.Equal(stored, model.Count + left.Count);
        }
    });

    private static void Check(Action<(Act Act, int Key, int Size)[]> property) =>
        Prop.ForAll(Steps.ArrayOf().ToArbitrary(), property).Check(Stress.Config(endSize: 120));
}
