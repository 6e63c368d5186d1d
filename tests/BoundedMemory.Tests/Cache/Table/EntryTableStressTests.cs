using System.Diagnostics;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache.Table;

/// <summary>Readers look for keys that are always there while writers grow, shrink, insert and remove around them.</summary>
public class EntryTableStressTests
{
    private const int Stable = 3000;

    /// <summary>Keys of a writer at any time; few, so that they come back.</summary>
    private const int OfWriter = 2000;

    [Fact]
    public void Find_DuringConstantResizingAndReuse_NeverMissesAKeyThatIsThereNorFindsTheValueOfAnother()
    {
        (long reads, long faults, int resizes, long reuses) = Run(Stress.TimeOr(3), validate: true, retires: true, stopAtFirst: false);
        Assert.Equal(0, faults);
        Assert.True(reads > 10_000 && resizes > 50 && reuses > 10_000, $"{reads} reads over {resizes} resizes and {reuses} entries used again prove nothing.");
    }

    /// <summary>The same test over a lookup that does not validate its misses must fail, or the test above could not see the fault.</summary>
    [Fact]
    public void FindWithoutValidation_DuringConstantResizing_MissesKeysThatAreThere()
    {
        (long reads, long faults, int resizes, _) = Run(TimeSpan.FromSeconds(60), validate: false, retires: true, stopAtFirst: true);
        Assert.True(faults > 0, $"No false miss in {reads} reads over {resizes} resizes.");
    }

    /// <summary>The same test over entries that are changed without lookups being told must fail, too.</summary>
    [Fact]
    public void Find_OfEntriesThatAreChangedButNotRetired_FindsWhatIsNotThere()
    {
        (long reads, long faults, _, long reuses) = Run(TimeSpan.FromSeconds(60), validate: true, retires: false, stopAtFirst: true);
        Assert.True(faults > 0, $"No fault in {reads} reads over {reuses} entries used again.");
    }

    private static (long Reads, long Faults, int Resizes, long Reuses) Run(TimeSpan duration, bool validate, bool retires, bool stopAtFirst)
    {
        const int Stripes = 4;
        var table = new LockedTable<long>(Stripes, buckets: 256);
        for (long key = 0; key < Stable; key++)
        {
            table.Insert(key, ValueOf(key));
        }

        long reads = 0;
        long faults = 0;
        int resizes = 0;
        long reuses = 0;
        var clock = Stopwatch.StartNew();
        bool Running() => clock.Elapsed < duration && !(stopAtFirst && Volatile.Read(ref faults) > 0);

        void Read()
        {
            long wrong = 0;
            for (long key = 0; key < Stable; key++)
            {
                int value = ValueOf(key);
                Entry<long, int>? entry = validate ? table.Find(key, out value) : table.FindWithoutValidation(key);
                wrong += entry is null || value != ValueOf(key) ? 1 : 0;
                long others = Stable + (key * 7 % (2 * OfWriter));
                wrong += validate && table.Find(others, out value) is not null && value != ValueOf(others) ? 1 : 0;
            }

            // Keys that are never inserted, so that a miss is exercised too.
            Assert.Null(table.Find(-1));
            Interlocked.Add(ref reads, Stable);
            Interlocked.Add(ref faults, wrong);
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
            var absent = new Queue<long>();
            for (int i = 0; i < OfWriter; i++)
            {
                absent.Enqueue(Stable + (writer * OfWriter) + i);
            }

            while (Running())
            {
                long key = absent.Dequeue();
                if (mine.Count < 500)
                {
                    mine.Enqueue(table.Insert(key, ValueOf(key)));
                    continue;
                }

                Entry<long, int> oldest = mine.Dequeue();
                absent.Enqueue(oldest.Key);
                if (random.Next(4) == 0)
                {
                    table.Remove(oldest);
                    mine.Enqueue(table.Insert(key, ValueOf(key)));
                }
                else
                {
                    table.Reuse(oldest, key, ValueOf(key), retires);
                    mine.Enqueue(oldest);
                    Interlocked.Increment(ref reuses);
                }
            }
        }

        Threaded.RunWatched([Read, Read], Resize, () => Write(0), () => Write(1));
        return (reads, faults, resizes, reuses);
    }

    private static int ValueOf(long key) => (int)((key + 1) * 40_503);
}
