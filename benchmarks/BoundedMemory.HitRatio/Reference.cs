using System.Globalization;

namespace BoundedMemory.HitRatio;

/// <summary>What known policies miss, and a bound that nothing can beat, per trace and size.</summary>
internal sealed class Reference
{
    private readonly ILookup<(string Trace, long Size), Outcome> _outcomes;

    private Reference(IEnumerable<Outcome> outcomes)
    {
        _outcomes = outcomes.ToLookup(o => (o.Trace, o.CacheSize));
    }

    public static Reference Load(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] columns = lines[0].Split(',');
        int Column(string name) => Array.IndexOf(columns, name) is var at and >= 0 ? at : throw new InvalidDataException($"{path} has no column '{name}'.");
        (int trace, int sized, int size, int policy) = (Column("trace"), Column("sized"), Column("cache_size"), Column("algorithm"));
        (int requests, int misses, int bytes, int missed) = (Column("requests"), Column("misses"), Column("request_bytes"), Column("miss_bytes"));
        return new Reference(lines.Skip(1).Select(line => line.Split(',')).Select(f => new Outcome(
            f[trace], f[sized] == "1", Number(f[size]), f[policy], Number(f[requests]), Number(f[misses]), Number(f[bytes]), Number(f[missed]))));
    }

    public IEnumerable<long> SizesOf(string trace) => _outcomes.Where(o => o.Key.Trace == trace).Select(o => o.Key.Size).Order();

    public IEnumerable<Outcome> At(string trace, long size) => _outcomes[(trace, size)];

    public Outcome? Find(string trace, long size, string policy) => At(trace, size).FirstOrDefault(o => o.Subject == policy);

    /// <summary>The outcome of the bound: the better of the offline algorithms for objects of different sizes, the optimum for equal ones.</summary>
    public Outcome? Bound(string trace, long size, bool sized) => Find(trace, size, sized ? "PFOO-L" : "Belady");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
