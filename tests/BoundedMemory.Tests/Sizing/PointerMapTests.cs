using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Sizing;

/// <summary>The references the pointer maps lead to against those that reflection finds.</summary>
public unsafe class PointerMapTests
{
    /// <summary>Objects whose references all differ, so that a slot left out or read twice shows.</summary>
    public static TheoryData<string> Cases => [.. Objects.Keys];

    private static readonly Dictionary<string, Func<object>> Objects = new()
    {
        ["one reference"] = () => new Box<object>(New()),
        ["derived from derived"] = () => new Third { A = New(), B = New(), C = New(), D = New(), E = New() },
        ["struct between"] = () => new Box<Mixed>(NewMixed()),
        ["struct in struct"] = () => new Box<Pair<Mixed, Pair<string, Mixed>>>(new(NewMixed(), new(Text(), NewMixed()))),
        ["nullable struct"] = () => new Box<Mixed?>(NewMixed()),
        ["nullable struct, null"] = () => new Box<Mixed?>(null),
        ["generic over int"] = () => new Box<Pair<int, long>>(new(1, 2)),
        ["ValueTuple of eight"] = () => new Box<(object, int, object, byte, object, object, long, object)>((New(), 1, New(), 2, New(), New(), 3, New())),
        ["Memory<byte>"] = () => new Box<Memory<byte>>(new byte[4].AsMemory(1)),
        ["object[]"] = () => new object?[] { New(), null, New(), New() },
        ["object[0]"] = () => Array.CreateInstance(typeof(object), 0),
        ["object[1000]"] = () => Enumerable.Range(0, 1000).Select(_ => New()).ToArray(),
        ["string[]"] = () => new string?[] { Text(), null, Text() },
        ["int[][]"] = () => new int[]?[] { [1], null, [2] },
        ["object[,]"] = () => new object?[,] { { New(), null, New() }, { New(), New(), null } },
        ["object[,,]"] = () => new object?[,,] { { { New(), New() }, { null, New() } } },
        ["string[*] from 3"] = LowerBoundArray,
        ["Mixed[]"] = () => new[] { NewMixed(), default, NewMixed(), NewMixed() },
        ["Mixed[0]"] = () => Array.CreateInstance(typeof(Mixed), 0),
        ["Mixed[,]"] = () => new[,] { { NewMixed(), NewMixed() }, { default, NewMixed() }, { NewMixed(), NewMixed() } },
        ["Last[]"] = () => new[] { new Last { Reference = New() }, new Last { Reference = New() } },
        ["First[]"] = () => new[] { new First { Reference = New() }, new First { Reference = New() } },
        ["Pair<Mixed,Mixed>[]"] = () => new[] { new Pair<Mixed, Mixed>(NewMixed(), NewMixed()), new Pair<Mixed, Mixed>(NewMixed(), NewMixed()) },
        ["Pair<object,object>[]"] = () => new[] { new Pair<object, object>(New(), New()), new Pair<object, object>(New(), New()) },
        ["(string,int,object)[100]"] = () => Enumerable.Range(0, 100).Select(i => (Text(), i, New())).ToArray(),
        ["Mixed?[]"] = () => new Mixed?[] { NewMixed(), null, NewMixed() },
        ["boxed Mixed"] = () => NewMixed(),
        ["List<object>"] = () => new List<object> { New(), New() },
        ["Dictionary<string,object>"] = () => new Dictionary<string, object> { [Text()] = New() },
        ["closure"] = () => Closure(New(), New()),
        ["delegate list"] = () => Closure(New(), New()) + Closure(New(), New()),
        ["record"] = () => new Rec(Text(), 1, New(), 2, New()),
        ["ExplicitlyLaidOut"] = () => new Box<ExplicitlyLaidOut>(new() { First = New(), Second = New() }),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Visit_EveryKindOfObject_FindsWhatReflectionFinds(string name)
    {
        object o = Objects[name]();

        AssertSame(ReflectionOracle.ReferencesOf(o), Visited(o));
    }

    [Fact]
    public void Visit_InlineArrays_FindsEveryElement()
    {
        var texts = new Box<Pair<TenTexts, string>>(default);
        var expected = new List<object>();
        for (int i = 0; i < 10; i++)
            expected.Add(texts.Value.A[i] = Text());
        expected.Add(texts.Value.B = Text());
        AssertSame(expected, Visited(texts));

        var array = new Pair<int, TenTexts>[3];
        expected.Clear();
        for (int i = 0; i < 30; i++)
            expected.Add(array[i / 10].B[i % 10] = Text());
        AssertSame(expected, Visited(array));
        AssertSame(expected[10..20], VisitedElements(array, 1, 2));
    }

    [Fact]
    public void VisitElements_Ranges_MakeUpTheWhole()
    {
        Array[] arrays =
        [
            Enumerable.Range(0, 10).Select(_ => New()).ToArray(),
            Enumerable.Range(0, 10).Select(_ => NewMixed()).ToArray(),
            new object[,] { { New(), New(), New(), New(), New() }, { New(), New(), New(), New(), New() } },
        ];
        foreach (Array array in arrays)
        {
            AssertSame(Visited(array), [.. VisitedElements(array, 0, 3), .. VisitedElements(array, 3, 3), .. VisitedElements(array, 3, 10)]);
            Assert.Equal(Visited(array).Count / 10 * 4, VisitedElements(array, 2, 6).Count);
        }
    }

    [Fact]
    public void Visit_VisitorSaysStop_SeesNoMore()
    {
        foreach (object o in new object[] { new Third { A = New(), B = New(), C = New() }, new object[] { New(), New() }, new[] { NewMixed(), NewMixed() } })
        {
            var visitor = new Collector([], 1);
            PointerMap.Visit(o, HeapLayout.TypeOf(o), ref visitor);
            Assert.Single(visitor.Found);
        }
    }

    [Fact]
    public void Measure_RandomGraphs_IsTheSumOfWhatReflectionReaches() =>
        Prop.ForAll<int[]>(seed =>
        {
            object root = NewRandomGraph(seed);
            HashSet<object> reachable = ReflectionOracle.Reachable(root);
            SizeResult result = ObjectSizer.Measure(root);
            Assert.Equal(reachable.Sum(o => HeapLayout.SizeOf(o, HeapLayout.TypeOf(o))), result.Bytes);
            Assert.Equal(reachable.Count, result.Objects);
            Assert.Equal(SizeQuality.Exact, result.Quality);
        }).Check(Stress.Config(cases: 100));

    /// <summary>Objects of six shapes, connected as the numbers say.</summary>
    private static object NewRandomGraph(int[] seed)
    {
        object[] all = [.. seed.Select((number, i) => ((uint)number % 6) switch
        {
            0 => (object)new Third(),
            1 => new Box<Mixed>(default),
            2 => new object?[(i % 5) + 1],
            3 => new Mixed[(i % 4) + 1],
            4 => new object?[2, 2],
            _ => new string('s', (i % 9) + 1),
        }), new Third()];
        for (int i = 0; i < all.Length; i++)
        {
            object Other(int salt) => all[(uint)HashCode.Combine(i, salt, seed.Length, seed.Length > 0 ? seed[i % seed.Length] : 0) % all.Length];
            switch (all[i])
            {
                case Third third:
                    (third.A, third.C, third.E) = (Other(1), Other(2), Other(3));
                    break;
                case Box<Mixed> box:
                    box.Value = new Mixed { X = Other(1), Y = Other(2) };
                    break;
                case object?[] array:
                    array[^1] = Other(1);
                    array[0] = Other(2);
                    break;
                case Mixed[] array:
                    array[^1].X = Other(1);
                    array[0].Y = Other(2);
                    break;
                case object?[,] array:
                    array[1, 1] = Other(1);
                    array[0, 1] = Other(2);
                    break;
            }
        }

        return all[^1];
    }

    private static List<object> Visited(object o)
    {
        var visitor = new Collector([], int.MaxValue);
        if (HeapLayout.TypeOf(o)->HasReferences)
            PointerMap.Visit(o, HeapLayout.TypeOf(o), ref visitor);
        return visitor.Found;
    }

    private static List<object> VisitedElements(Array array, int from, int to)
    {
        var visitor = new Collector([], int.MaxValue);
        PointerMap.VisitElements(array, HeapLayout.TypeOf(array), from, to, ref visitor);
        return visitor.Found;
    }

    private static void AssertSame(List<object> expected, List<object> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(expected.Count, expected.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.True(expected.ToHashSet(ReferenceEqualityComparer.Instance).SetEquals(actual));
    }

    private static object New() => new();

    private static string Text() => Guid.NewGuid().ToString();

    private static Mixed NewMixed() => new() { Small = 1, X = New(), Wide = 2, Y = New() };

    private static Func<int> Closure(object one, object other) => () => one.GetHashCode() + other.GetHashCode();

    private static Array LowerBoundArray()
    {
        Array array = Array.CreateInstance(typeof(string), [4], [3]);
        for (int i = 3; i < 7; i++)
            array.SetValue(Text(), i);
        return array;
    }

    private readonly struct Collector(List<object> found, int most) : IReferenceVisitor
    {
        public List<object> Found => found;

        public bool Visit(object child, nint offset)
        {
            found.Add(child);
            return found.Count < most;
        }
    }

#pragma warning disable CS0649 // Fields that exist to take their place in the layout.
    private sealed class Box<T>(T value)
    {
        public T Value = value;
    }

    private class FirstBase
    {
        public object? A;
        public byte Number;
        public object? B;
    }

    private class Second : FirstBase
    {
        public long Wide;
        public object? C;
    }

    private sealed class Third : Second
    {
        public object? D;
        public Int128 Wider;
        public object? E;
    }

    private struct Mixed
    {
        public byte Small;
        public object? X;
        public long Wide;
        public object? Y;
    }

    private struct Last
    {
        public (long, long) Numbers;
        public object? Reference;
    }

    private struct First
    {
        public object? Reference;
        public (long, long, int) Numbers;
    }

    private struct Pair<TA, TB>(TA a, TB b)
    {
        public TA A = a;
        public TB B = b;
    }

    [InlineArray(10)]
    private struct TenTexts
    {
        private string? _element;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct ExplicitlyLaidOut
    {
        [FieldOffset(8)]
        public object? First;

        [FieldOffset(0)]
        public long Number;

        [FieldOffset(24)]
        public object? Second;
    }

#pragma warning restore CS0649

    private sealed record Rec(string A, int B, object C, byte D, object E);
}
