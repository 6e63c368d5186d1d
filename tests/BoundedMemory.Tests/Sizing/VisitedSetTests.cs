using System.Runtime.CompilerServices;

namespace BoundedMemory.Tests.Sizing;

/// <summary>The memory of a walk, while the collector moves what it remembers.</summary>
public class VisitedSetTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void Add_AgainAfterObjectsMoved_CarefulSetStillKnowsThem(int count)
    {
        var set = new VisitedSet();
        object[] objects = NewYoung(count);
        set.Reset(careful: true);
        Assert.All(objects, o => Assert.True(set.Add(o)));

        nint[] before = [.. objects.Select(HeapLayout.AddressOf)];
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        Assert.NotEqual(before, objects.Select(HeapLayout.AddressOf));

        Assert.All(objects, o => Assert.False(set.Add(o)));
        Assert.True(set.Add(new object()));
        Assert.False(set.GaveUp);
    }

    [Fact]
    public void Add_AgainAfterObjectsMoved_HastySetMayForgetButNeverInvents()
    {
        var set = new VisitedSet();
        object[] objects = NewYoung(10_000);
        set.Reset(careful: false);
        Assert.All(objects, o => Assert.True(set.Add(o)));
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);

        Assert.Contains(objects, o => set.Add(o));
        Assert.All(NewYoung(10_000), o => Assert.True(set.Add(o)));
    }

    [Fact]
    public void Add_MoreCollectionsThanItRepairs_GivesUpAndSaysSo()
    {
        var set = new VisitedSet();
        set.Reset(careful: true);
        for (int i = 0; i < 40; i++)
        {
            Assert.True(set.Add(new object()));
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }

        Assert.True(set.GaveUp);
        set.Reset(careful: true);
        Assert.False(set.GaveUp);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_EveryNumberOfObjects_IsASet(bool careful)
    {
        var set = new VisitedSet();
        foreach (int count in new[] { 1, 39, 40, 41, 319, 320, 321, 1280, 1281, 5121, 50_000, 3 })
        {
            object[] objects = NewYoung(count);
            set.Reset(careful: true);
            Assert.All(objects, o => Assert.True(set.Add(o)));

            // Hasty only as long as nothing has moved.
            if (careful)
                Assert.All(objects, o => Assert.False(set.Add(o)));
            set.Release();
            set.Reset(careful);
            Assert.True(set.Add(objects[0]));
            set.Release();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object[] NewYoung(int count) => [.. Enumerable.Range(0, count).Select(_ => new object())];
}
