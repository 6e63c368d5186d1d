using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheEntryOptionsTests
{
    private static readonly Dictionary<string, (CacheEntryOptions Options, string Option, bool IsRange, string[] Message)> Errors = new()
    {
        ["TimeToLive 0"] = (new() { TimeToLive = TimeSpan.Zero }, "TimeToLive", true, ["00:00:00.0010000", "36525.00:00:00", "it is 00:00:00"]),
        ["TimeToLive infinite"] = (new() { TimeToLive = Timeout.InfiniteTimeSpan }, "TimeToLive", true, ["36525.00:00:00"]),
        ["TimeToLive absurd"] = (new() { TimeToLive = TimeSpan.MaxValue }, "TimeToLive", true, ["36525.00:00:00"]),
        ["TimeToIdle negative"] = (new() { TimeToIdle = TimeSpan.MinValue }, "TimeToIdle", true, ["36525.00:00:00"]),
        ["TimeToIdle too short"] = (new() { TimeToIdle = TimeSpan.FromTicks(1) }, "TimeToIdle", true, ["it is 00:00:00.0000001"]),
        ["Tier unknown"] = (new() { Tier = "cold" }, "Tier", false, ["'hot'", "it is cold"]),
        ["Tier empty"] = (new() { Tier = "" }, "Tier", false, ["'hot'"]),
        ["ValueBytes -1"] = (new() { ValueBytes = -1 }, "ValueBytes", true, ["from 0 to", "it is -1"]),
        ["ValueBytes absurd"] = (new() { ValueBytes = long.MaxValue }, "ValueBytes", true, ["it is 9223372036854775807"]),
        ["Weight -1"] = (new() { Weight = -1 }, "Weight", true, ["from 0 to", "it is -1"]),
    };

    public static TheoryData<string> ErrorNames => [.. Errors.Keys];

    [Theory]
    [MemberData(nameof(ErrorNames))]
    public void Set_OptionThatIsWrong_ThrowsAndLeavesTheFormerValue(string error)
    {
        using BoundedCache<int, string> cache = Create();
        cache.Set(1, "former");
        CacheStatistics before = cache.Statistics;
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => cache.Set(1, "new", Errors[error].Options));
        Assert.Equal(Errors[error].Option, thrown.ParamName);
        Assert.Equal(Errors[error].IsRange, thrown is ArgumentOutOfRangeException);
        Assert.StartsWith(Errors[error].Option, thrown.Message, StringComparison.Ordinal);
        Assert.All(Errors[error].Message, part => Assert.Contains(part, thrown.Message, StringComparison.Ordinal));
        Assert.Equal(before, cache.Statistics);
        Assert.Equal("former", Assert.Single(cache).Value);
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(ErrorNames))]
    public void GetOrAdd_OptionThatIsWrong_ThrowsAndLeavesNoLoadBehind(string error)
    {
        using BoundedCache<int, string> cache = Create();
        CacheEntryOptions wrong = Errors[error].Options;
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => cache.GetOrAdd(1, (_, options, context) =>
        {
            context.Entry = options;
            return "new";
        }, wrong));
        Assert.Equal(Errors[error].Option, thrown.ParamName);
        Assert.Equal(0, cache.Count);
        Assert.Equal("next", cache.GetOrAdd(1, _ => "next"));
        cache.Verify();
    }

    [Fact]
    public void Set_WeightInACacheWithoutAWeightLimit_Throws()
    {
        using var plain = new BoundedCache<int, string>(new() { MaxBytes = 100_000 });
        using var expiring = new BoundedCache<int, string>(new() { MaxCount = 10, TimeToLive = TimeSpan.FromSeconds(1), RefreshAfter = TimeSpan.FromSeconds(1) });
        foreach (BoundedCache<int, string> cache in new[] { expiring, plain })
        {
            ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => cache.Set(1, "", new CacheEntryOptions { Weight = 1 }));
            Assert.Equal("Weight", thrown.ParamName);
            Assert.Contains("weight limit", thrown.Message, StringComparison.Ordinal);
            Assert.Equal(0, cache.Count);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Set_NegativeValueBytesWhereBytesDoNotCount_Throws(long valueBytes)
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 10 });
        Assert.Throws<ArgumentOutOfRangeException>("ValueBytes", () => cache.Set(1, "", new CacheEntryOptions { ValueBytes = valueBytes }));
    }

    [Fact]
    public void Set_ATierWhereThereAreNone_SaysSo()
    {
        using var cache = new BoundedCache<int, string>(new() { Name = "plain", MaxCount = 10 });
        ArgumentException thrown = Assert.Throws<ArgumentException>("Tier", () => cache.Set(1, "", new CacheEntryOptions { Tier = "hot" }));
        Assert.Contains("'plain'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("none", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => cache.UsageOf("hot"));
    }

    [Fact]
    public void Set_WeigherOrSizerThatReturnsANegativeNumber_ThrowsAndLeavesTheFormerValue()
    {
        long weight = 1;
        long keyBytes = 1;
        long valueBytes = 1;
        using var cache = new BoundedCache<string, string>(new()
        {
            Name = "c",
            MaxBytes = 100_000,
            MaxWeight = 10,
            Weigher = (_, _) => weight,
            KeySizer = Sizer.Create<string>(_ => keyBytes),
            ValueSizer = Sizer.Create<string>(_ => valueBytes),
        });
        cache.Set("a", "former");
        CacheStatistics before = cache.Statistics;
        (weight, keyBytes, valueBytes) = (-1, 1, 1);
        Assert.Contains("-1", Assert.Throws<InvalidOperationException>(() => cache.Set("a", "")).Message, StringComparison.Ordinal);
        (weight, keyBytes, valueBytes) = (1, -2, 1);
        Assert.Contains("-2", Assert.Throws<InvalidOperationException>(() => cache.Set("a", "")).Message, StringComparison.Ordinal);
        (weight, keyBytes, valueBytes) = (1, 1, -3);
        Assert.Contains("-3", Assert.Throws<InvalidOperationException>(() => cache.Set("a", "")).Message, StringComparison.Ordinal);
        Assert.Equal(before, cache.Statistics);
        Assert.Equal("former", Assert.Single(cache).Value);
    }

    [Fact]
    public void Set_WeigherOrSizerThatThrows_PassesItOnAndLeavesTheFormerValue()
    {
        bool throws = false;
        using var cache = new BoundedCache<string, string>(new()
        {
            MaxBytes = 100_000,
            MaxWeight = 10,
            Weigher = (_, _) => throws ? throw new TimeoutException("weigher") : 1,
        });
        cache.Set("a", "former");
        CacheStatistics before = cache.Statistics;
        throws = true;
        Assert.Equal("weigher", Assert.Throws<TimeoutException>(() => cache.Set("a", "")).Message);
        Assert.Equal("weigher", Assert.Throws<TimeoutException>(() => cache.GetOrAdd("b", _ => "")).Message);
        Assert.Equal(before.Bytes, cache.Bytes);
        throws = false;
        Assert.Equal("late", cache.GetOrAdd("b", _ => "late"));
        cache.Verify();
    }

    [Fact]
    public void Set_OptionsOfTheEntry_OverrideThoseOfTheCache()
    {
        var clock = new ManualTimeProvider();
        using var cache = new BoundedCache<int, string>(new()
        {
            MaxBytes = 100_000,
            MaxWeight = 100,
            Weigher = (_, _) => 10,
            TimeToLive = TimeSpan.FromSeconds(10),
            TimeProvider = clock,
        });
        long before = cache.Bytes;
        cache.Set(1, "", new CacheEntryOptions { Weight = 0, ValueBytes = 5000, TimeToLive = TimeSpan.FromSeconds(20) });
        cache.Set(2, "", new CacheEntryOptions { Weight = 90 });
        Assert.Equal(90, cache.Weight);
        Assert.Equal(5000, cache.Bytes - before - (2 * EntrySizes<int, string>.Full) - ObjectSizer.Measure("").Bytes);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(cache.ContainsKey(1));
        Assert.False(cache.ContainsKey(2));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(cache.ContainsKey(1));
        cache.Verify();
    }

    private static BoundedCache<int, string> Create() => new(new()
    {
        MaxBytes = 100_000,
        MaxWeight = 100,
        Weigher = (_, _) => 1,
        Tiers = { new("hot", TimeSpan.FromMinutes(1)) },
    });
}
