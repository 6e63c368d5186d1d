using System.IO.Compression;

namespace BoundedMemory.HitRatio;

/// <summary>A sequence of requests for objects with dense ids, and the sizes of the objects if they are known.</summary>
/// <remarks>File format (<c>.ctr.gz</c>, gzip of): the bytes <c>CTR1</c>; a byte of flags (bit 0: sized); the number of requests; the number of objects;
/// if sized, the size of each object in the order of ids; then per request the zig-zag encoded difference of its id from the one before, the first
/// from 0. All numbers are 7-bit encoded.</remarks>
internal sealed record Trace(string Name, int[] Requests, long[]? Sizes)
{
    private static readonly double[] DefaultParts = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

    public const string Extension = ".ctr.gz";

    public long TotalBytes => Sizes is null ? Requests.Length : Requests.Sum(id => Sizes[id]);

    /// <summary>What all objects take together: bytes, or one each.</summary>
    public long Footprint => Sizes is null ? Requests.Max() + 1L : Sizes.Sum();

    public long SizeOf(int id) => Sizes is null ? 1 : Sizes[id];

    /// <summary>Cache sizes for a trace that the reference does not have: 0.5 % to 20 % of its footprint.</summary>
    public IEnumerable<long> DefaultSizes() => DefaultParts.Select(part => Math.Max(1, (long)(part * Footprint))).Distinct();

    public static Trace Load(string path)
    {
        using var reader = new BinaryReader(new BufferedStream(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), 1 << 16));
        if (!reader.ReadBytes(4).AsSpan().SequenceEqual("CTR1"u8))
        {
            throw new InvalidDataException($"{path} is not a trace: it does not begin with CTR1.");
        }

        bool isSized = (reader.ReadByte() & 1) != 0;
        int[] requests = new int[reader.Read7BitEncodedInt64()];
        long objects = reader.Read7BitEncodedInt64();
        long[]? sizes = isSized ? new long[objects] : null;
        for (int i = 0; i < (sizes?.Length ?? 0); i++)
        {
            sizes![i] = reader.Read7BitEncodedInt64();
        }

        long id = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            long zigzag = reader.Read7BitEncodedInt64();
            id += (zigzag >> 1) ^ -(zigzag & 1);
            requests[i] = checked((int)id);
        }

        return new Trace(Path.GetFileName(path)[..^Extension.Length], requests, sizes);
    }
}
