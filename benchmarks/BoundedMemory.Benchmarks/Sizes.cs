using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does measuring a value cost, by its kind?</summary>
[MemoryDiagnoser]
public class Sizes
{
    private readonly Sizer<string> _strings = ObjectSizer.For<string>();
    private readonly Sizer<byte[]> _byteArrays = ObjectSizer.For<byte[]>();
    private readonly Sizer<object> _objects = ObjectSizer.For<object>();
    private readonly Sizer<Order> _orders = ObjectSizer.For<Order>();
    private readonly Sizer<List<Order>> _lists = ObjectSizer.For<List<Order>>();
    private readonly Sizer<Dictionary<string, string>> _dictionaries = ObjectSizer.For<Dictionary<string, string>>();
    private readonly Sizer<Order> _declared = Sizer.Create<Order>(static order => 100 + (2 * order.Customer.Length));

    private readonly string _string = new('x', 100);
    private readonly byte[] _byteArray = new byte[1000];
    private readonly object _object = new();
    private readonly Order _order = Order.Number(1);
    private readonly List<Order> _list = [.. Enumerable.Range(0, 100).Select(Order.Number)];
    private readonly Dictionary<string, string> _dictionary = Enumerable.Range(0, 100).ToDictionary(i => $"key {i}", i => $"value {i}");

    [Benchmark(Baseline = true)]
    public long PlainObject() => _objects.Measure(_object).Bytes;

    [Benchmark]
    public long StringOf100() => _strings.Measure(_string).Bytes;

    [Benchmark]
    public long ByteArray() => _byteArrays.Measure(_byteArray).Bytes;

    [Benchmark]
    public long OrderOfFourObjects() => _orders.Measure(_order).Bytes;

    [Benchmark]
    public long OrderDeclared() => _declared.Measure(_order).Bytes;

    [Benchmark]
    public long ListOf100Orders() => _lists.Measure(_list).Bytes;

    [Benchmark]
    public long DictionaryOf200Strings() => _dictionaries.Measure(_dictionary).Bytes;

    /// <summary>An object that owns three others.</summary>
    public sealed record Order(long Id, string Customer, decimal Amount, int[] Lines, string Note)
    {
        public static Order Number(int number) => new(number, $"customer {number}", number, new int[8], $"note {number}");
    }
}
