using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache.Table;

public class EntryTableTests
{
    [Fact]
    public void Find_AfterInsertReplaceRemove_FollowsThem()
    {
        var table = new LockedTable<long>(stripes: 1, buckets: 4);
        var first = table.Insert(7, 1);
        Assert.Same(first, table.Find(7));
        var second = table.Replace(first, 2);
        Assert.Same(second, table.Find(7));
        table.Remove(second);
        Assert.Null(table.Find(7));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Resize_UpAndDown_KeepsEveryEntryAndTheirIdentity(int stripes)
    {
        var table = new LockedTable<long>(stripes, buckets: 16);
        Entry<long, int>[] entries = [.. Enumerable.Range(0, 1000).Select(i => table.Insert(i, i))];
        foreach (int size in new[] { 32, 2048, 64, 16, 4096, 16 })
        {
            table.BeginResize(size);
            for (int i = 0; i < entries.Length; i++)
            {
                Assert.Same(entries[i], table.Find(i)); // while nothing, then some, then all buckets have moved
                if (i % 7 == 0)
                {
                    table.ContinueResize(i % stripes);
                }
            }

            table.FinishResize();
            Assert.Equal(size, table.Buckets);
            Assert.All(entries, entry => Assert.Same(entry, table.Find(entry.Key)));
            Assert.Null(table.Find(1000));
        }
    }

    [Fact]
    public void ContinueResize_LastStripe_ReportsTheGivenUpArrayOnce()
    {
        var table = new LockedTable<long>(stripes: 2, buckets: 32);
        table.BeginResize(64);
        int given = 0;
        for (int i = 0; i < 20; i++)
        {
            given += table.ContinueResize(i % 2);
        }

        Assert.Equal(32, given);
    }

    [Fact]
    public void Write_DuringResize_MovesItsOwnBucketFirst()
    {
        var table = new LockedTable<long>(stripes: 1, buckets: 256);
        Entry<long, int>[] entries = [.. Enumerable.Range(0, 500).Select(i => table.Insert(i, i))];
        table.BeginResize(512);
        for (int i = 0; i < entries.Length; i += 2)
        {
            table.Remove(entries[i]);
            table.Insert(1000 + i, i);
        }

        for (int i = 0; i < entries.Length; i++)
        {
            Assert.Equal(i % 2 == 1, table.Find(i) is not null);
            Assert.Equal(i % 2 == 0, table.Find(1000 + i) is not null);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void Hash_SequentialAndShiftedIntegers_SpreadOverTheLowBits(int shift)
    {
        // long.GetHashCode would put i | i << 32 into one bucket.
        int[] buckets = new int[1024];
        var hasher = new KeyHasher<long>(null);
        for (long i = 0; i < 10_240; i++)
        {
            buckets[hasher.Hash(shift == 0 ? i : i | (i << 32)) & 1023]++;
        }

        Assert.True(buckets.Max() < 40, $"A bucket of {buckets.Max()} where 10 are expected.");
        Assert.True(buckets.Count(b => b == 0) < 10);
    }

    [Fact]
    public void Hash_Strings_SpreadsAndAgreesWithSpans()
    {
        var hasher = new KeyHasher<string>(null);
        Assert.True(hasher.IsOrdinal);
        int[] buckets = new int[256];
        for (int i = 0; i < 5000; i++)
        {
            for (int length = 0; length < 40; length += 13)
            {
                string text = new string('x', length) + i;
                Assert.Equal(hasher.Hash(text), KeyHash.Of(text.AsSpan()));
                Assert.True(hasher.Hash(text) >= 0);
                buckets[hasher.Hash(text) & 255]++;
            }
        }

        // 78 are expected; a sound hash goes beyond either limit in one of 10^9 processes.
        Assert.InRange(buckets.Min(), 25, 79);
        Assert.InRange(buckets.Max(), 79, 150);
    }

    [Fact]
    public void Hash_EveryCharacterOfAString_Counts()
    {
        for (int length = 1; length <= 40; length++)
        {
            string text = new('a', length);
            var seen = new HashSet<int> { KeyHash.Of(text) };
            for (int i = 0; i < length; i++)
            {
                Assert.True(seen.Add(KeyHash.Of(text.Remove(i, 1).Insert(i, "b"))), $"Character {i} of {length} does not count.");
            }
        }
    }

    [Fact]
    public void Hasher_OtherComparers_DecideEquality()
    {
        var hasher = new KeyHasher<string>(StringComparer.OrdinalIgnoreCase);
        Assert.False(hasher.IsOrdinal);
        Assert.Equal(hasher.Hash("ABC"), hasher.Hash("abc"));
        Assert.True(hasher.Comparer.Equals("ABC", "abc"));
        var ordinal = new KeyHasher<string>(StringComparer.Ordinal);
        Assert.True(ordinal.IsOrdinal);
        Assert.False(ordinal.Comparer.Equals("ABC", "abc"));
        var numbers = new KeyHasher<int>(EqualityComparer<int>.Create((x, y) => x % 10 == y % 10, x => x % 10));
        Assert.True(numbers.Comparer.Equals(3, 13));
        Assert.Equal(numbers.Hash(3), numbers.Hash(13));
    }
}
