using BoundedMemory;

namespace Reproduce;

/// <summary>The option-chain cache of the market dashboard: its first and largest leak.</summary>
internal sealed class OptionChains : IScenario
{
    private const int Users = 10;
    private const int SymbolsPerUser = 20;
    private const long ByteLimit = 400L * Units.MB;

    /// <summary>Part of the sizes and of the limit in bytes that the quick form has.</summary>
    private const double QuickPart = 0.02;

    /// <summary>Between two page views of a user.</summary>
    private static readonly TimeSpan ViewInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long users watch.</summary>
    private static readonly TimeSpan Watching = TimeSpan.FromMinutes(6);

    private static readonly TtlTier[] Tiers =
    [
        new("high", TimeSpan.FromSeconds(60), MaxCount: 30),
        new("medium", TimeSpan.FromSeconds(180), MaxCount: 50),
        new("low", TimeSpan.FromSeconds(300), MaxCount: 20),
    ];

    /// <summary>The pages, and how many of a user's 20 symbols each shows.</summary>
    private static readonly Page[] Pages =
    [
        new("5_0DTE", Tiers[0], Symbols: 4),
        new("6_0DTE_by_Index", Tiers[0], Symbols: 3),
        new("4_Option_Volume_Walls", Tiers[1], Symbols: 5),
        new("2_Trading_Dashboard", Tiers[1], Symbols: 4),
        new("3_Stock_Option_Finder", Tiers[2], Symbols: 2),
        new("7_Whale_Flows", Tiers[2], Symbols: 2),
    ];

    public string Name => "option-chains";

    public string Origin => "1 market dashboard";

    public string Workload =>
        "10 users at the same time, one page view every 10 s for 6 simulated minutes, over 6 pages; each page shows 2 to 5 of a user's 20 symbols, "
        + "each symbol's chain is a cached result of 5-10 MB (40 expirations, 19,000-39,000 contracts).";

    public IReadOnlyList<Variant> Variants => [Variant.Unbounded, Variant.CountsOnly, Variant.Bounded];

    public IReadOnlyList<Claim> Claims =>
    [
        new("cached results, no limit", 200, 200, "", "Real Memory Issues, 1: 10 users x 20 symbols", Variant.Unbounded, t => t.Entries),
        new("size of a result", 5, 10, "MB", "Real Memory Issues, 1", Variant.Unbounded, t => t.LiveMegabytes / t.Entries),
        new("global cache, no limit", 1024, 2048, "MB", "Real Memory Issues, 1: 1-2 GB", Variant.Unbounded, t => t.LiveMegabytes),
        new("global cache, max_entries", 200, 400, "MB", "Fix 1: Memory Savings", Variant.CountsOnly, t => t.LiveMegabytes),
        new("global cache, bounded", 200, 400, "MB", "Fix 1: Memory Savings", Variant.Bounded, t => t.LiveMegabytes),
    ];

    public Trial Run(Variant variant, bool quick)
    {
        double part = quick ? QuickPart : 1;
        var clock = new SimulatedClock();
        var market = new Market(clock);
        Viewer[] viewers = [.. Enumerable.Range(0, Users).Select(user => new Viewer(user, part))];
        int views = (int)(Watching / ViewInterval);
        return Trial.Run(
            () => Create(variant, clock, (long)(ByteLimit * part)),
            warmUp: cache => Crowd.RunInSteps(2, 1, (user, view) => viewers[user].View(view, cache, market), () => clock.Advance(ViewInterval)),
            work: cache => Crowd.RunInSteps(Users, views, (user, view) => viewers[user].View(view, cache, market), () => clock.Advance(ViewInterval)));
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial countsOnly = trials[Variant.CountsOnly];
        Trial bounded = trials[Variant.Bounded];
        yield return new Check(
            countsOnly.Readings.All(reading => reading.Highest == reading.Limit) && countsOnly.LiveBytes > bounded.MaxBytes,
            $"counts only: every tier was full, which left {countsOnly.LiveMegabytes:N0} MB: the limit in bytes has to do the rest");
        yield return new Check(
            bounded.Readings.Any(reading => reading.IsBytes && reading.Highest > 0.95 * reading.Limit),
            "bounded: the limit in bytes was put to the test");
    }

    private static ICache<ChainKey, OptionChain> Create(Variant variant, TimeProvider clock, long byteLimit)
    {
        if (variant == Variant.Unbounded)
        {
            return new UnboundedCache<ChainKey, OptionChain>(clock, static key => key.Page.Tier.TimeToLive);
        }

        var options = new BoundedCacheOptions<ChainKey, OptionChain>
        {
            Name = "option-chains",
            MaxCount = variant == Variant.CountsOnly ? Tiers.Sum(tier => tier.MaxCount) : null,
            MaxBytes = variant == Variant.Bounded ? byteLimit : null,
            TimeProvider = clock,

            // A chain is a graph of up to 77,000 objects; without this a walk ends at 10,000, and the value is refused as of unknown size.
            ValueSizer = ObjectSizer.For<OptionChain>(new SizerOptions { MaxObjects = 200_000 }),
        };
        foreach (TtlTier tier in Tiers)
        {
            options.Tiers.Add(tier);
        }

        return new BoundedSubject<ChainKey, OptionChain>(options, static key => key.Page.Tier.Name);
    }

    /// <summary>A page of the dashboard. What is cached does not own it.</summary>
    [NotOwned]
    private sealed record Page(string Name, TtlTier Tier, int Symbols);

    /// <summary>Each page caches results of its own.</summary>
    private readonly record struct ChainKey(Page Page, Instrument Instrument);

    /// <summary>A user: stays on a page for a few views, then goes on to the next.</summary>
    private sealed class Viewer
    {
        private readonly Random _random;
        private readonly (Page Page, Instrument[] Instruments)[] _stations;
        private int _station;

        public Viewer(int user, double part)
        {
            _random = new Random(1000 + user);
            int next = user * SymbolsPerUser;
            _stations = [.. Pages.Select(page => (page, Enumerable.Range(0, page.Symbols).Select(_ => Market.Instrument(next++, part)).ToArray()))];
            _random.Shuffle(_stations);
        }

        /// <summary>Loads everything the page shows.</summary>
        public void View(int view, ICache<ChainKey, OptionChain> cache, Market market)
        {
            // Three views to a page, on average.
            if (view > 0 && _random.Next(3) == 0)
            {
                _station = (_station + 1) % _stations.Length;
            }

            (Page page, Instrument[] instruments) = _stations[_station];
            foreach (Instrument instrument in instruments)
            {
                OptionChain chain = cache.GetOrLoad(new ChainKey(page, instrument), static (key, market) => market.Load(key.Instrument), market);
                if (double.IsNaN(chain.PutCallRatio))
                {
                    throw new InvalidOperationException($"{chain.Symbol} has no open interest.");
                }
            }
        }
    }
}
