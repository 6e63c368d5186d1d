using System.Diagnostics.CodeAnalysis;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class AlternateLookupTests
{
    private static readonly Dictionary<string, IEqualityComparer<string>?> Comparers = new()
    {
        ["none"] = null,
        ["default"] = EqualityComparer<string>.Default,
        ["Ordinal"] = StringComparer.Ordinal,
        ["OrdinalIgnoreCase"] = StringComparer.OrdinalIgnoreCase,
        ["InvariantCulture"] = StringComparer.InvariantCulture,
    };

    public static TheoryData<string> ComparerNames => [.. Comparers.Keys];

    [Theory]
    [MemberData(nameof(ComparerNames))]
    public void EveryMember_BySpan_IsThatOfTheCacheByString(string comparer)
    {
        using BoundedCache<string, int> cache = Create(comparer);
        BoundedCache<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Assert.Same(cache, lookup.Cache);

        // Lengths around the block sizes of the hash: 0, 1, 2, 4, 8, 16 and more bytes.
        string[] keys = [.. Enumerable.Range(0, 40).Select(length => new string('k', length)), "Grüße", "\ud83d\ude00"];
        for (int i = 0; i < keys.Length; i++)
        {
            ReadOnlySpan<char> span = $"<{keys[i]}>".AsSpan(1, keys[i].Length);
            Assert.False(lookup.TryGet(span, out _));
            Assert.False(lookup.ContainsKey(span));
            Assert.Equal(SetResult.Added, i % 2 == 0 ? lookup.Set(span, i) : cache.Set(keys[i], i));
            Assert.Equal(SetResult.Replaced, i % 2 == 0 ? cache.Set(keys[i], i) : lookup.Set(span, i));
            Assert.True(lookup.TryGet(span, out int found));
            Assert.Equal(i, found);
            Assert.True(lookup.ContainsKey(span));
            Assert.True(cache.TryGet(keys[i], out found));
            Assert.Equal(i, found);
            Assert.Equal(i, lookup.GetOrAdd(span, _ => throw new InvalidOperationException()));
        }

        Assert.Equal(keys.Length, cache.Count);
        cache.Verify();
        foreach (string key in keys)
        {
            Assert.True(lookup.TryRemove(key));
            Assert.False(lookup.TryRemove(key));
            Assert.Equal(key.Length, lookup.GetOrAdd(key, made => made.Length));
            Assert.Equal(key.Length, cache.GetOrAdd(key, _ => throw new InvalidOperationException()));
        }

        cache.Verify();
    }

    [Fact]
    public void TryGet_IgnoringCase_FindsEitherCase()
    {
        using BoundedCache<string, int> cache = Create("OrdinalIgnoreCase");
        cache.Set("Content-Type", 1);
        BoundedCache<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Assert.True(lookup.TryGet("CONTENT-type", out _));
        Assert.Equal(SetResult.Replaced, lookup.Set("content-TYPE", 2));
        Assert.Equal(2, Assert.Single(cache).Value);
    }

    [Fact]
    public void TryGet_OfAHit_CountsAndAllocatesNothing()
    {
        using BoundedCache<string, int> cache = Create("none");
        cache.Set("a key that is longer than sixteen bytes", 1);
        BoundedCache<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Func<string, int> factory = _ => 0;
        int found = 0;
        long allocated = Allocations.Of(() =>
        {
            ReadOnlySpan<char> key = "a key that is longer than sixteen bytes";
            lookup.TryGet(key, out int first);
            found += first + lookup.GetOrAdd(key, factory);
        });
        Assert.Equal(0, allocated);
        Assert.Equal(found, cache.Statistics.Hits);
        Assert.False(lookup.TryGet("b", out _));
        Assert.Equal(1, cache.Statistics.Misses);
    }

    [Fact]
    public void TryGet_WhileTheTableIsResized_FindsWhatIsThere()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 1_000_000, ConcurrencyLevel = 8 });
        BoundedCache<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        string[] keys = [.. Enumerable.Range(0, 500).Select(i => $"key {i}")];
        foreach (string key in keys)
        {
            cache.Set(key, 1);
        }

        Threaded.RunWatched(
            [() => Assert.All(keys, key => Assert.True(lookup.TryGet(key, out _)))],
            () =>
            {
                for (int i = 0; i < 40_000; i++)
                {
                    cache.Set($"other {i}", 2);
                }

                for (int i = 0; i < 40_000; i++)
                {
                    cache.TryRemove($"other {i}");
                }
            });
    }

    [Fact]
    public void GetAlternateLookup_ComparerThatDoesNotSupportIt_ThrowsWithItsTypes()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 1, KeyComparer = new Hashing<string>(_ => 0) });
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => cache.GetAlternateLookup<ReadOnlySpan<char>>());
        Assert.Contains("ReadOnlySpan", error.Message, StringComparison.Ordinal);
        using var numbers = new BoundedCache<int, int>(new() { MaxCount = 1 });
        Assert.Throws<InvalidOperationException>(() => numbers.GetAlternateLookup<long>());
        Assert.Throws<InvalidOperationException>(() => numbers.GetAlternateLookup<int>());
    }

    [Fact]
    public void GetAlternateLookup_ComparerOfIntegersByText_Works()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 100, KeyComparer = new ByText() });
        BoundedCache<int, string>.AlternateLookup<ReadOnlySpan<char>> lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int i = -20; i < 20; i++)
        {
            lookup.Set($"{i}", $"value {i}");
        }

        for (int i = -20; i < 20; i++)
        {
            Assert.True(lookup.TryGet($"{i}", out string? byText));
            Assert.True(cache.TryGet(i, out string? byNumber));
            Assert.Same(byNumber, byText);
        }

        Assert.False(lookup.TryGet("20", out _));
    }

    [Fact]
    public async Task TryRemove_WhileTheValueIsLoaded_KeepsItFromBeingStored()
    {
        using BoundedCache<string, int> cache = Create("none");
        var value = new TaskCompletionSource<int>();
        Task<int> loading = cache.GetOrAddAsync("a", (_, _) => new(value.Task)).AsTask();
        Assert.False(cache.GetAlternateLookup<ReadOnlySpan<char>>().TryRemove("a"));
        value.SetResult(1);
        Assert.Equal(1, await loading.Soon());
        Assert.False(cache.ContainsKey("a"), "What was loaded before the removal was stored after it.");
    }

    private static BoundedCache<string, int> Create(string comparer) => new(new() { MaxCount = 100, KeyComparer = Comparers[comparer] });

    private sealed class ByText : IEqualityComparer<int>, IAlternateEqualityComparer<ReadOnlySpan<char>, int>
    {
        public bool Equals(int x, int y) => x == y;

        public int GetHashCode([DisallowNull] int key) => key;

        public bool Equals(ReadOnlySpan<char> alternate, int other) => int.Parse(alternate, provider: null) == other;

        public int GetHashCode(ReadOnlySpan<char> alternate) => int.Parse(alternate, provider: null);

        public int Create(ReadOnlySpan<char> alternate) => int.Parse(alternate, provider: null);
    }
}
