using System.Diagnostics;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache.Table;

/// <summary>Readers look for keys that are always there while writers grow, shrink, insert and remove around them.</summary>
public class EntryTableStressTests
{
    private const int Stable = 3000;

    [Fact]
    public void Find_DuringConstantResizing_NeverMissesAKeyThatIsThere()
    {
        (long reads, long falseMisses, int resizes) = Stress(TimeSpan.FromSeconds(3), validate: true, stopAtFirst: false);
        Assert.Equal(0, falseMisses);
        Assert.True(reads > 10_000 && resizes > 50, $"{reads} reads over {resizes} resizes prove nothing.");
    }

    /// <summary>The same test over a lookup that does not validate its misses must fail, or the test above could not see the fault.</summary>
    [Fact]
    public void FindWithoutValidation_DuringConstantResizing_MissesKeysThatAreThere()
    {
        (long reads, long falseMisses, int resizes) = Stress(TimeSpan.FromSeconds(60), validate: false, stopAtFirst: true);
        Assert.True(falseMisses > 0, $"No false miss in {reads} reads over {resizes} resizes.");
    }

    private static (long Reads, long FalseMisses, int Resizes) Stress(TimeSpan duration, bool validate, bool stopAtFirst)
    {
        const int Stripes = 4;
        var table = new LockedTable<long>(Stripes, buckets: 256);
        for (long key = 0; key < Stable; key++)
        {
            table.Insert(key, (int)key);
        }

        long reads = 0;
        long falseMisses = 0;
        int resizes = 0;
        var clock = Stopwatch.StartNew();
        bool Running() => clock.Elapsed < duration && !(stopAtFirst && Volatile.Read(ref falseMisses) > 0);

        void Read()
        {
            long missed = 0;
            for (long key = 0; key < Stable; key++)
            {
                Entry<long, int>? entry = validate ? table.Find(key) : table.FindWithoutValidation(key);
                missed += entry is null ? 1 : 0;
                Assert.True(entry is null || (entry.Key == key && entry.Value == key));
            }

            // Keys that are never inserted, so that a miss is exercised too.
            Assert.Null(table.Find(-1));
            Interlocked.Add(ref reads, Stable);
            Interlocked.Add(ref falseMisses, missed);
        }

        void Resize()
        {
            int size = 256;
            while (Running())
            {
                size = size == 256 ? 2048 : size == 2048 ? 512 : 256;
                table.BeginResize(size);
                table.FinishResize();
                resizes++;
            }
        }

        void Write(int writer)
        {
            var random = new Random(writer);
            var mine = new Queue<Entry<long, int>>();
            while (Running())
            {
                mine.Enqueue(table.Insert(1_000_000L + (writer * 1_000_000_000L) + random.Next(1_000_000_000), 0));
                if (mine.Count > 500)
                {
                    table.Remove(mine.Dequeue());
                }
            }
        }

        Threaded.RunWatched([Read, Read], Resize, () => Write(1), () => Write(2));
        return (reads, falseMisses, resizes);
    }
}
