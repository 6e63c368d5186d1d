using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheOptionsTests
{
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(36_525) + TimeSpan.FromTicks(1);

    /// <summary>Per case: what is wrong, the parameter that is blamed, whether its value is out of a range, and what the message has to contain.</summary>
    private static readonly Dictionary<string, (Action<BoundedCacheOptions<int, string>> Change, string Option, bool IsRange, string[] Message)> Errors = new()
    {
        ["no bound"] = (o => o.MaxCount = null, "MaxBytes", false, ["MaxCount", "MaxWeight", "Budget", "bound", "null"]),
        ["MaxBytes 0"] = (o => o.MaxBytes = 0, "MaxBytes", true, ["16384", "9223372036854775807", "it is 0"]),
        ["MaxBytes -1"] = (o => o.MaxBytes = -1, "MaxBytes", true, ["16384", "it is -1"]),
        ["MaxBytes just too small"] = (o => o.MaxBytes = 16_383, "MaxBytes", true, ["16384", "it is 16383"]),
        ["MaxCount 0"] = (o => o.MaxCount = 0, "MaxCount", true, ["from 1 to", "it is 0"]),
        ["MaxCount least"] = (o => o.MaxCount = long.MinValue, "MaxCount", true, ["from 1 to", "it is -9223372036854775808"]),
        ["MaxWeight 0"] = (o => (o.MaxWeight, o.Weigher) = (0, (_, _) => 1), "MaxWeight", true, ["from 1 to", "it is 0"]),
        ["MaxWeight -5"] = (o => (o.MaxWeight, o.Weigher) = (-5, (_, _) => 1), "MaxWeight", true, ["from 1 to", "it is -5"]),
        ["MaxWeight without Weigher"] = (o => o.MaxWeight = 10, "Weigher", false, ["MaxWeight", "together", "null"]),
        ["Weigher without MaxWeight"] = (o => o.Weigher = (_, _) => 1, "Weigher", false, ["MaxWeight", "together"]),
        ["Policy"] = (o => o.Policy = (EvictionPolicy)7, "Policy", true, ["ScanResistant", "Lru", "it is 7"]),
        ["Goal"] = (o => o.Goal = (EvictionGoal)(-1), "Goal", true, ["Balanced", "Requests", "Bytes", "it is -1"]),
        ["TimeToLive 0"] = (o => o.TimeToLive = TimeSpan.Zero, "TimeToLive", true, ["00:00:00.0010000", "36525.00:00:00", "it is 00:00:00"]),
        ["TimeToLive negative"] = (o => o.TimeToLive = TimeSpan.FromSeconds(-1), "TimeToLive", true, ["it is -00:00:01"]),
        ["TimeToLive too short"] = (o => o.TimeToLive = TimeSpan.FromTicks(9999), "TimeToLive", true, ["it is 00:00:00.0009999"]),
        ["TimeToLive infinite"] = (o => o.TimeToLive = Timeout.InfiniteTimeSpan, "TimeToLive", true, ["36525.00:00:00"]),
        ["TimeToLive absurd"] = (o => o.TimeToLive = TimeSpan.MaxValue, "TimeToLive", true, ["36525.00:00:00"]),
        ["TimeToLive too long"] = (o => o.TimeToLive = TooLong, "TimeToLive", true, ["36525.00:00:00.0000001"]),
        ["TimeToIdle 0"] = (o => o.TimeToIdle = TimeSpan.Zero, "TimeToIdle", true, ["it is 00:00:00"]),
        ["TimeToIdle too long"] = (o => o.TimeToIdle = TooLong, "TimeToIdle", true, ["36525.00:00:00"]),
        ["RefreshAfter 0"] = (o => o.RefreshAfter = TimeSpan.Zero, "RefreshAfter", true, ["it is 00:00:00"]),
        ["RefreshAfter too long"] = (o => o.RefreshAfter = TooLong, "RefreshAfter", true, ["36525.00:00:00"]),
        ["StaleIfError 0"] = (o => o.StaleIfError = TimeSpan.Zero, "StaleIfError", true, ["it is 00:00:00"]),
        ["StaleIfError too long"] = (o => o.StaleIfError = TooLong, "StaleIfError", true, ["36525.00:00:00"]),
        ["AuditInterval -1"] = (o => o.AuditInterval = -1, "AuditInterval", true, ["from 0 to 1000000000", "it is -1"]),
        ["AuditInterval too large"] = (o => o.AuditInterval = 1_000_000_001, "AuditInterval", true, ["it is 1000000001"]),
        ["ConcurrencyLevel 0"] = (o => o.ConcurrencyLevel = 0, "ConcurrencyLevel", true, ["from 1 to 256", "it is 0"]),
        ["ConcurrencyLevel 257"] = (o => o.ConcurrencyLevel = 257, "ConcurrencyLevel", true, ["from 1 to 256", "it is 257"]),
        ["TimeProvider"] = (o => o.TimeProvider = null!, "TimeProvider", false, ["must be set", "null"]),
        ["Name null"] = (o => o.Name = null!, "Name", false, ["not be empty", "null"]),
        ["Name empty"] = (o => o.Name = "", "Name", false, ["not be empty"]),
        ["Name blank"] = (o => o.Name = " ", "Name", false, ["not be empty"]),
        ["Name with slash"] = (o => o.Name = "a/b", "Name", false, ["'/'", "a/b"]),
        ["DefaultTier unknown"] = (o => o.DefaultTier = "cold", "DefaultTier", false, ["Tiers", "cold"]),
        ["DefaultTier of other case"] = (o =>
        {
            o.Tiers.Add(new("hot", TimeSpan.FromSeconds(1)));
            o.DefaultTier = "Hot";
        }, "DefaultTier", false, ["Hot"]),
        ["eight tiers"] = (o =>
        {
            for (int i = 0; i < 8; i++)
            {
                o.Tiers.Add(new($"{i}", TimeSpan.FromSeconds(1)));
            }
        }, "Tiers.Count", true, ["from 0 to 7", "it is 8"]),
        ["tier without name"] = (o => o.Tiers.Add(new(null!, TimeSpan.FromSeconds(1))), "Tiers[0].Name", false, ["unique", "null"]),
        ["tier with blank name"] = (o => o.Tiers.Add(new("  ", TimeSpan.FromSeconds(1))), "Tiers[0].Name", false, ["unique"]),
        ["tiers of one name"] = (o =>
        {
            o.Tiers.Add(new("hot", TimeSpan.FromSeconds(1)));
            o.Tiers.Add(new("hot", TimeSpan.FromSeconds(2)));
        }, "Tiers[1].Name", false, ["unique", "hot"]),
        ["tier that lives for no time"] = (o => o.Tiers.Add(new("hot", TimeSpan.Zero)), "Tiers[0].TimeToLive", true, ["it is 00:00:00"]),
        ["tier that lives too long"] = (o => o.Tiers.Add(new("hot", TimeSpan.MaxValue)), "Tiers[0].TimeToLive", true, ["36525.00:00:00"]),
        ["tier of no entries"] = (o => o.Tiers.Add(new("hot", TimeSpan.FromSeconds(1), MaxCount: 0)), "Tiers[0].MaxCount", true, ["from 1 to", "it is 0"]),
        ["tier of no bytes"] = (o =>
        {
            o.MaxBytes = 100_000;
            o.Tiers.Add(new("hot", TimeSpan.FromSeconds(1), MaxBytes: 0));
        }, "Tiers[0].MaxBytes", true, ["from 1 to", "it is 0"]),
        ["tier with bytes that are not counted"] = (o => o.Tiers.Add(new("hot", TimeSpan.FromSeconds(1), MaxBytes: 10)), "Tiers[0].MaxBytes", false, ["MaxBytes", "Budget", "it is 10"]),
        ["tier that is null"] = (o => o.Tiers.Add(null!), "Tiers[0]", false, ["null"]),
    };

    public static TheoryData<string> ErrorNames => [.. Errors.Keys];

    [Theory]
    [MemberData(nameof(ErrorNames))]
    public void Constructor_OptionThatIsWrong_ThrowsWithNameValueAndRange(string error)
    {
        var options = new BoundedCacheOptions<int, string> { MaxCount = 10 };
        Errors[error].Change(options);
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => new BoundedCache<int, string>(options));
        Assert.Equal(Errors[error].Option, thrown.ParamName);
        Assert.Equal(Errors[error].IsRange, thrown is ArgumentOutOfRangeException);
        Assert.StartsWith(Errors[error].Option, thrown.Message, StringComparison.Ordinal);
        Assert.All(Errors[error].Message, part => Assert.Contains(part, thrown.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ErrorNames))]
    public void Validator_OptionThatIsWrong_SaysTheSameAsTheConstructor(string error)
    {
        var options = new BoundedCacheOptions<int, string> { MaxCount = 10 };
        Errors[error].Change(options);
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => new BoundedCache<int, string>(options));
        IEnumerable<string> failures = new BoundedCacheOptionsValidator<int, string>().Validate(null, options).Failures!;
        Assert.Contains(failures, failure => failure.StartsWith($"Cache '{options.Name}': ", StringComparison.Ordinal)
            && thrown.Message.StartsWith(failure[$"Cache '{options.Name}': ".Length..], StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_InAnotherCulture_WritesNumbersAsOnesCodeDoes()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NegativeSign = "minus " } };
            Assert.Contains("it is -1", Assert.ThrowsAny<ArgumentException>(() => new BoundedCache<int, int>(new() { MaxCount = -1 })).Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Constructor_LegalExtremes_Work()
    {
        Use(new() { MaxBytes = 16_384 });
        Use(new() { MaxBytes = long.MaxValue });
        Use(new() { MaxCount = 1 });
        Use(new() { MaxCount = long.MaxValue });
        Use(new() { MaxWeight = 1, Weigher = (_, _) => 0 });
        Use(new() { MaxWeight = long.MaxValue, Weigher = (_, _) => long.MaxValue });
        Use(new() { MaxCount = 1, TimeToLive = TimeSpan.FromDays(36_525), TimeToIdle = TimeSpan.FromDays(36_525), RefreshAfter = TimeSpan.FromDays(36_525), StaleIfError = TimeSpan.FromDays(36_525) });
        Use(new() { MaxCount = 1, TimeProvider = new ManualTimeProvider(), TimeToLive = TimeSpan.FromMilliseconds(1) });
        Use(new() { MaxBytes = 16_384, ConcurrencyLevel = 256 });
        Use(new() { MaxBytes = 1_000_000, ConcurrencyLevel = 256, AuditInterval = 1 });
        Use(new() { MaxCount = 1, AuditInterval = 1_000_000_000, ConcurrencyLevel = 1 });
        Use(new() { MaxCount = 1, AuditInterval = 0 });
        var seven = new BoundedCacheOptions<int, string> { MaxCount = 1, DefaultTier = "6" };
        for (int i = 0; i < 7; i++)
        {
            seven.Tiers.Add(new($"{i}", TimeSpan.FromSeconds(1), long.MaxValue));
        }

        Use(seven);
    }

    [Fact]
    public void Limits_AsLargeAsTheyCanBe_AreReportedAsNone()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = long.MaxValue, MaxBytes = long.MaxValue });
        Assert.Equal((null, null), (cache.MaxCount, cache.MaxBytes));
    }

    [Fact]
    public void Options_ChangedAfterwards_ChangeNothing()
    {
        var clock = new ManualTimeProvider();
        int removed = 0;
        var options = new BoundedCacheOptions<string, string>
        {
            Name = "before",
            MaxBytes = 1_000_000,
            MaxCount = 2,
            MaxWeight = 100,
            Weigher = (_, _) => 1,
            Policy = EvictionPolicy.Lru,
            TimeToLive = TimeSpan.FromSeconds(10),
            KeyComparer = StringComparer.OrdinalIgnoreCase,
            TimeProvider = clock,
            Removed = _ => removed++,
            Tiers = { new("hot", TimeSpan.FromSeconds(20)) },
        };
        using var cache = new BoundedCache<string, string>(options);
        options.Name = "after";
        (options.MaxBytes, options.MaxCount, options.MaxWeight) = (-1, -1, -1);
        options.Weigher = (_, _) => throw new InvalidOperationException();
        options.Policy = (EvictionPolicy)9;
        options.TimeToLive = TimeSpan.FromMilliseconds(1);
        options.TimeToIdle = TimeSpan.FromMilliseconds(1);
        options.StaleIfError = TimeSpan.FromDays(1);
        options.KeyComparer = null;
        options.TimeProvider = TimeProvider.System;
        options.Removed = _ => throw new InvalidOperationException();
        options.Rejected = _ => throw new InvalidOperationException();
        options.KeySizer = Sizer.Create<string>(_ => throw new InvalidOperationException());
        options.ValueSizer = Sizer.Create<string>(_ => throw new InvalidOperationException());
        options.DisposeValues = true;
        options.DefaultTier = "hot";
        options.Tiers.Clear();
        options.Budget = new MemoryBudget(1);

        cache.Set("a", "1");
        cache.Set("b", "2");
        cache.Set("c", "3");
        Assert.Equal(("before", 1_000_000, 2, 100), (cache.Name, cache.MaxBytes, cache.MaxCount, cache.MaxWeight));
        Assert.Equal((2, 1), (cache.Count, removed));
        Assert.True(cache.ContainsKey("B") && cache.ContainsKey("C"), "The policy or the comparer changed.");
        Assert.Equal(SetResult.Replaced, cache.Set("B", "4", new CacheEntryOptions { Tier = "hot" }));
        clock.Advance(TimeSpan.FromMilliseconds(9999));
        Assert.Equal(2, cache.GetMany(["b", "c"]).Count);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(cache.ContainsKey("c"));
        Assert.True(cache.ContainsKey("b"));
        Assert.Equal(0, cache.Statistics.CallbackFailures);
        cache.Verify();
    }

    [Fact]
    public void Options_UsedForTwoCaches_MakeTwoIndependentOnes()
    {
        var options = new BoundedCacheOptions<int, int> { MaxCount = 5 };
        using var first = new BoundedCache<int, int>(options);
        using var second = new BoundedCache<int, int>(options);
        first.Set(1, 1);
        Assert.True(first.TryResize(maxCount: 9));
        Assert.Equal((0, 5), (second.Count, second.MaxCount));
    }

    private static void Use(BoundedCacheOptions<int, string> options)
    {
        using var cache = new BoundedCache<int, string>(options);
        cache.Set(1, "1");
        cache.Set(2, "2");
        cache.TryGet(2, out _);
        Assert.True(cache.Count > 0);
        cache.Verify();
    }
}
