using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheKeysAndValuesTests
{
    private enum Colour : byte
    {
        Red,
        Green,
        Blue,
    }

    [Fact]
    public void Keys_OfManyTypes_AreFoundByTheirEquality()
    {
        RoundTrip(i => i);
        RoundTrip(i => (long)i << 32);
        RoundTrip(i => (uint)i | ((ulong)i << 32));
        RoundTrip(i => (short)i);
        RoundTrip(i => (nint)i);
        RoundTrip(i => (char)i);
        RoundTrip(i => (UInt128)i << 100);
        RoundTrip(i => i * 0.5);
        RoundTrip(i => i / 10m);
        RoundTrip(i => (Half)i);
        RoundTrip(i => new Guid(i, 0, 0, new byte[8]));
        RoundTrip(i => new Guid(0, 0, 0, [0, 0, 0, 0, 0, 0, (byte)(i >> 8), (byte)i]));
        RoundTrip(i => (i / 40, $"{i % 40}"));
        RoundTrip(i => (i / 40, i % 40, (long)i));
        RoundTrip(i => new Pair(i, $"{i}"));
        RoundTrip(i => new ValuePair(i, $"{i}"));
        RoundTrip(i => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i));
        RoundTrip(i => new Uri($"https://example.org/{i}"));
        RoundTrip(i => (DayOfWeek)i);
        RoundTrip(i => (object)i);
        RoundTrip(i => $"{i}");
        RoundTrip(i => new string('\0', i));
        RoundTrip(i => new Version(i, i));
    }

    [Fact]
    public void Keys_Enums_AreFound()
    {
        using var cache = new BoundedCache<Colour, int>(new() { MaxCount = 10 });
        cache.Set(Colour.Green, 1);
        Assert.True(cache.TryGet(Colour.Green, out _));
        Assert.False(cache.TryGet(Colour.Blue, out _));
    }

    [Fact]
    public void Keys_NotANumberAndNegativeZero_FollowDoubleEquals()
    {
        using var cache = new BoundedCache<double, string>(new() { MaxCount = 10 });
        cache.Set(double.NaN, "not a number");
        cache.Set(0.0, "zero");
        Assert.True(cache.TryGet(BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8_0000_0000_0001)), out string? other));
        Assert.Equal("not a number", other);
        Assert.True(cache.TryGet(-0.0, out other));
        Assert.Equal("zero", other);
        Assert.Equal(SetResult.Replaced, cache.Set(-0.0, "negative zero"));
        Assert.Equal(SetResult.Replaced, cache.Set(double.NaN, "again"));
        Assert.Equal(2, cache.Count);
        cache.Verify();
    }

    [Fact]
    public void Keys_EqualDecimalsOfOtherScale_AreOne()
    {
        using var cache = new BoundedCache<decimal, int>(new() { MaxCount = 10 });
        cache.Set(1.0m, 1);
        Assert.Equal(SetResult.Replaced, cache.Set(1.000m, 2));
    }

    [Fact]
    public void Keys_ByComparer_KeepTheFirstSpellingOfTheLastSet()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, KeyComparer = StringComparer.OrdinalIgnoreCase });
        cache.Set("A", 1);
        cache.Set("a", 2);
        Assert.Equal("a", Assert.Single(cache).Key);
    }

    [Fact]
    public void Values_Null_AreValues()
    {
        using var cache = new BoundedCache<int, string?>(new() { MaxBytes = 100_000 });
        Assert.Equal(SetResult.Added, cache.Set(1, null));
        Assert.True(cache.TryGet(1, out string? value));
        Assert.Null(value);
        Assert.Null(cache.GetOrAdd(1, _ => throw new InvalidOperationException("A null is there already.")));
        Assert.Null(cache.GetOrAdd(2, _ => null));
        Assert.True(cache.ContainsKey(2));
        Assert.True(cache.TryRemove(2, out value));
        Assert.Equal(EntrySizes<int, string?>.Plain, cache.Bytes - cache.Statistics.OverheadBytes);
        Assert.True(cache.TryAcquire(1, out Lease<string?>? lease));
        Assert.Null(lease.Value);
        lease.Dispose();
        cache.Verify();
    }

    [Fact]
    public void Values_NullOwnedByALease_AreHandedOut()
    {
        using var cache = new BoundedCache<int, Tracked?>(new() { MaxWeight = 10, Weigher = (_, _) => 11, DisposeValues = true });
        using Lease<Tracked?> lease = cache.AcquireOrAdd(1, _ => null);
        Assert.Null(lease.Value);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Values_StructsWithReferences_AreChargedWithWhatTheyLeadTo()
    {
        using var cache = new BoundedCache<long, (string Name, byte[] Bytes)>(new() { MaxBytes = 100_000 });
        long before = cache.Bytes;
        cache.Set(1, (new string('n', 10), new byte[1000]));
        Assert.Equal(
            EntrySizes<long, (string, byte[])>.Plain + HeapLayout.ArrayBytes<byte>(1000) + ObjectSizer.Measure(new string('n', 10)).Bytes,
            cache.Bytes - before);
    }

    [Fact]
    public void Values_BigStructsUnderWritersAndReaders_AreNeverTorn()
    {
        using var cache = new BoundedCache<int, Block>(new() { MaxCount = 64, TimeToIdle = TimeSpan.FromHours(1) });
        long reads = 0;
        void Write(int worker)
        {
            for (int i = 1; i < 60_000; i++)
            {
                cache.Set(i % 16, new Block((worker << 24) | i));
                if (i % 5 == 0)
                {
                    cache.TryRemove((i + 7) % 16);
                }
            }
        }

        void Read()
        {
            for (int i = 0; i < 16; i++)
            {
                if (cache.TryGet(i, out Block block))
                {
                    block.Check();
                    reads++;
                }

                cache.GetOrAdd(i + 16, key => new Block(key)).Check();
            }
        }

        Threaded.RunWatched([Read, Read], () => Write(1), () => Write(2));
        Assert.True(reads > 1000);
        Assert.All(cache, e => e.Value.Check());
    }

    private static void RoundTrip<TKey>(Func<int, TKey> key, [CallerArgumentExpression(nameof(key))] string of = "")
        where TKey : notnull
    {
        using var cache = new BoundedCache<TKey, int>(new() { MaxCount = 1000, ConcurrencyLevel = 4 });
        for (int i = 0; i < 400; i++)
        {
            Assert.True(cache.Set(key(i), i) == SetResult.Added, $"{of} {i}");
        }

        for (int i = 0; i < 400; i++)
        {
            Assert.True(cache.TryGet(key(i), out int found) && found == i, $"{of} {i}");
        }

        Assert.False(cache.TryGet(key(400), out _));
        cache.Verify();
        for (int i = 0; i < 400; i++)
        {
            Assert.True(cache.TryRemove(key(i)), $"{of} {i}");
        }

        Assert.Equal(0, cache.Count);
    }

    private sealed record Pair(int Number, string Text);

    private readonly record struct ValuePair(int Number, string Text);

    /// <summary>64 bytes that agree with each other.</summary>
    [InlineArray(8)]
    private struct Block
    {
        private long _first;

        public Block(long number)
        {
            for (int i = 0; i < 8; i++)
            {
                this[i] = number * (i + 1);
            }
        }

        public readonly void Check()
        {
            for (int i = 0; i < 8; i++)
            {
                Assert.Equal(_first * (i + 1), this[i]);
            }
        }
    }
}
