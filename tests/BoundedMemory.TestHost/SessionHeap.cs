using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Compares what session stores are charged with what the heap has grown by: empty ones of every kind, and one through which users of several times its bound have
/// passed, for each kind of value. Argument: the bound in MB.</summary>
internal static class SessionHeap
{
    private const int EmptyStores = 50;
    private const int Turnovers = 3;
    private const int Repeats = 3;

    /// <summary>What the heap may exceed the bound by: it is counted in allocation quanta.</summary>
    private const long Tolerance = 64 * 1024;

    public static int Run(int megabytes)
    {
        using var budget = new MemoryBudget(10_000_000_000);
        bool holds = true;
        (string Name, Action<SessionStoreOptions> Change)[] kinds =
        [
            ("plain", _ => { }), ("the least", o => o.MaxBytes = 16_384), ("shared budget", o => o.Budget = budget),
            ("everything", o => (o.EntryRemoved, o.Evicted, o.DisposeValues, o.TransientKeys.Predicate) = (_ => { }, _ => { }, true, _ => false)),
        ];
        foreach ((string name, Action<SessionStoreOptions> change) in kinds)
        {
            Compare(name, change, 1, out _);
            bool fits = false;
            string line = "";
            for (int i = 0; i < Repeats && !fits; i++)
            {
                fits = Compare(name, change, EmptyStores, out line);
            }

            Console.WriteLine(line);
            holds &= fits;
        }

        foreach ((string name, Func<int, object> make) in SizingTruth.Values)
        {
            Fill(200_000, name, make, prints: false);
            holds &= Fill(megabytes * 1_000_000L, name, make, prints: true);
        }

        return holds ? 0 : 1;
    }

    private static SessionStore Create(long bound, Action<SessionStoreOptions> change)
    {
        var options = new SessionStoreOptions { MaxBytes = bound, MaxSessions = 1_000_000 };
        change(options);
        return new SessionStore(options);
    }

    private static bool Compare(string name, Action<SessionStoreOptions> change, int count, out string line)
    {
        var stores = new SessionStore[count];
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
        {
            stores[i] = Create(100_000_000, change);
        }

        long retained = (Heap.Bytes() - before) / count;
        long charged = stores[0].Bytes;
        line = string.Create(CultureInfo.InvariantCulture, $"empty;{name};{charged};{retained}");
        foreach (SessionStore store in stores)
        {
            store.Dispose();
        }

        return retained <= charged;
    }

    /// <summary>Users come, walk through pages, leave values of that kind, and sometimes come back; the store ends up full of sessions of every size.</summary>
    private static bool Fill(long bound, string name, Func<int, object> make, bool prints)
    {
        long before = Heap.Bytes();
        SessionStore store = Create(bound, _ => { });
        int value = 0;
        for (int user = 0; store.Statistics.SessionsEvicted < (Turnovers - 1) * Math.Max(10, store.Count); user++)
        {
            using SessionLease session = store.Acquire(string.Create(CultureInfo.InvariantCulture, $"user {(user % 5 == 4 ? user / 2 : user)}"));
            session.EnterScope(string.Create(CultureInfo.InvariantCulture, $"page {user % 7}"));
            for (int i = 0; i < user % 12; i++, value++)
            {
                session.Set(string.Create(CultureInfo.InvariantCulture, $"{(i % 3 == 0 ? "key" : "old")}_{i}"), make(value));
            }

            if (user % 4 == 0)
            {
                session.EnterScope("last");
            }
        }

        long retained = Heap.Bytes() - before;
        SessionStoreStatistics s = store.Statistics;
        if (prints)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap;{name};{bound};{retained};{s.Bytes};{s.Stored};{s.EntryCount};{s.Scope}"));
        }

        store.Dispose();
        return retained <= bound + Tolerance;
    }
}
