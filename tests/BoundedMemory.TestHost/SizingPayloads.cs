using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Values of the kinds that caches hold; numbered, so that no two are equal.</summary>
internal static class SizingPayloads
{
    public static SmallRec NewSmallRec(int i) => new(i, $"name {i}", i * 1.5m, new DateTime(2026, 1, 1).AddMinutes(i), $"{i}@example.com");

    public static Order NewOrder(int i) => new()
    {
        Id = i,
        Customer = $"customer {i}",
        Lines = [.. Enumerable.Range(0, 4).Select(n => new OrderLine { Product = $"product {i}.{n}", Quantity = n, Price = n * 2.5m })],
        Tags = new Dictionary<string, string> { [$"tag {i}"] = $"value {i}" },
    };

    public static Frame NewFrame(int columns, int rows) => new()
    {
        Columns = [.. Enumerable.Range(0, columns).Select(c => new Column { Name = $"column {c}", Values = new double[rows] })],
    };

    public static RingNode NewRing(int length)
    {
        var first = new RingNode();
        RingNode last = first;
        for (int i = 1; i < length; i++)
            last = last.Next = new RingNode();
        last.Next = first;
        return first;
    }

    public static RingNode NewChain(int length)
    {
        var first = new RingNode();
        RingNode last = first;
        for (int i = 1; i < length; i++)
            last = last.Next = new RingNode();
        return first;
    }

    public static string JsonText(int i) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"id":{{i}},"name":"name {{i}}","tags":["a","b","c{{i}}"],"price":{{i * 0.25}},"y":[1,2,3,4,5,6,7,8],"nested":{"x":{{i}} } }""");

    internal sealed record SmallRec(int Id, string Name, decimal Price, DateTime Created, string Mail);

    internal sealed class Order
    {
        public int Id;
        public string Customer = "";
        public List<OrderLine> Lines = [];
        public Dictionary<string, string> Tags = [];
    }

    internal sealed class OrderLine
    {
        public string Product = "";
        public int Quantity;
        public decimal Price;
    }

    internal sealed class Frame
    {
        public List<Column> Columns = [];
    }

    internal sealed class Column
    {
        public string Name = "";
        public double[] Values = [];
    }

    internal sealed class RingNode
    {
        public RingNode? Next;
        public long Value = 1;
    }
}
