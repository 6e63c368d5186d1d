using BoundedMemory;

namespace Reproduce;

/// <summary>The response cache of the study backend, 50 items and 10 MB: its two leak tests, and its daily traffic.</summary>
internal sealed class StudyCache : IScenario
{
    private const int Users = 10;
    private const long CountLimit = 50;
    private const long ByteLimit = 10L * Units.MB;

    private StudyCache()
    {
    }

    /// <summary>Few bytes each: the limit of 50 items binds.</summary>
    public static StudyCache SmallItems { get; } = new()
    {
        Name = "study-cache-small",
        Workload = "Leak test 1: 10 users at the same time, 50,000 requests each, for 5,000 answers of 2-6 KB.",
        Claims =
        [
            new("items, bounded", 50, 50, "", "Memory Leak Tests: Cache respects limits", Variant.Bounded, t => t.Entries),
            new("bytes, bounded", 0.19, 0.19, "MB", "Memory Leak Tests: Cache respects limits", Variant.Bounded, t => t.LiveMegabytes),
        ],
        Questions = 5000,
        Requests = 50_000,
        SizeOf = draw => (2 + (4 * draw)) * Units.KB,
        Purpose = "bounded: the limit in items binds, the limit in bytes does not",
        IsAsMeant = t => t.Entries == CountLimit && Highest(t, isBytes: true) < 0.1,
    };

    /// <summary>Many bytes each: the limit of 10 MB binds.</summary>
    public static StudyCache LargeItems { get; } = new()
    {
        Name = "study-cache-large",
        Workload = "Leak test 2: 10 users at the same time, 1,000 requests each, for 200 documents of 100 KB-1 MB.",
        Claims =
        [
            new("cache, bounded", 9.87, 9.87, "MB", "Memory Leak Tests: Cache memory bounded", Variant.Bounded, t => t.LiveMegabytes),
            new("limit in bytes", 0, 10, "MB", "Cache Configuration: MAX_MEMORY_MB", Variant.Bounded, t => 10 * Highest(t, isBytes: true)),
        ],
        Questions = 200,
        Requests = 1000,
        SizeOf = draw => (100 + (924 * draw)) * Units.KB,
        Purpose = "bounded: the limit in bytes binds, the limit in items does not",
        IsAsMeant = t => Highest(t, isBytes: true) > 0.95 && Highest(t, isBytes: false) < 1,
    };

    /// <summary>All sizes: now the one binds, now the other.</summary>
    public static StudyCache Traffic { get; } = new()
    {
        Name = "study-cache",
        Workload = "10 users at the same time, 5,000 requests each, for 560 results: half of them answers of 1-64 KB, half documents of 64 KB-1 MB, more small ones than large ones.",
        Claims =
        [
            new("cache, no limit", 100, 100, "MB", "Memory Usage Comparison: ~90 MB saved, 10 MB left", Variant.Unbounded, t => t.LiveMegabytes),
            new("items, bounded", 0, 50, "", "Cache Configuration: MAX_ITEMS", Variant.Bounded, t => t.Entries),
            new("cache, bounded", 0.2, 10, "MB", "Achieved Targets: ~0.2-10MB", Variant.Bounded, t => t.LiveMegabytes),
        ],
        Questions = 560,
        Requests = 5000,
        SizeOf = draw => 64 * Units.KB * (draw < 0.5 ? Math.Pow(64, (2 * draw) - 1) : Math.Pow(16, (2 * draw) - 1)),
        Purpose = "bounded: both limits were put to the test",
        IsAsMeant = t => Highest(t, isBytes: true) > 0.9 && Highest(t, isBytes: false) == 1,
    };

    public required string Name { get; init; }

    public string Origin => "5 study backend";

    public required string Workload { get; init; }

    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>Different questions.</summary>
    private int Questions { get; init; }

    /// <summary>Requests of each user.</summary>
    private int Requests { get; init; }

    /// <summary>Bytes of a result, for a number from 0 to 1 that is drawn for each question.</summary>
    private Func<double, double> SizeOf { get; init; } = static _ => 0;

    /// <summary>What this form is there to show.</summary>
    private string Purpose { get; init; } = "";

    /// <summary>Whether the bounded run does.</summary>
    private Func<Trial, bool> IsAsMeant { get; init; } = static _ => false;

    public Trial Run(Variant variant, bool quick)
    {
        Question[] questions = NewQuestions();
        var popularity = new Zipf(Questions, skew: 0.8);
        int requests = quick ? Requests / 5 : Requests;
        return Trial.Run(
            () => Create(variant),
            warmUp: cache => Crowd.Run(Users, user => Ask(user, requests / 50, cache)),
            work: cache => Crowd.Run(Users, user => Ask(user, requests, cache)));

        void Ask(int user, int times, ICache<string, StudyResult> cache)
        {
            var random = new Random(2000 + user);
            for (int i = 0; i < times; i++)
            {
                Question question = questions[popularity.Next(random)];
                _ = cache.GetOrLoad(question.Key, static (_, question) => StudyService.Load(question), question);
            }
        }
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        yield return new Check(IsAsMeant(trials[Variant.Bounded]), Purpose);
    }

    private static ICache<string, StudyResult> Create(Variant variant) => variant == Variant.Unbounded
        ? new UnboundedCache<string, StudyResult>(TimeProvider.System, timeToLive: null)
        : new BoundedSubject<string, StudyResult>(new()
        {
            Name = "study-cache",
            MaxBytes = ByteLimit,
            MaxCount = CountLimit,
            Policy = EvictionPolicy.Lru,
        });

    /// <summary>How near a bound came to its limit, from 0 to 1.</summary>
    private static double Highest(Trial trial, bool isBytes)
    {
        BoundReading reading = trial.Readings.Single(reading => reading.IsBytes == isBytes);
        return (double)reading.Highest / reading.Limit;
    }

    private Question[] NewQuestions()
    {
        var random = new Random(42);
        return [.. Enumerable.Range(0, Questions).Select(i => new Question($"user-{i % Users}:question-{i}", (int)SizeOf(random.NextDouble()), i))];
    }
}
