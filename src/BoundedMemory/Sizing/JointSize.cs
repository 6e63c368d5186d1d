namespace BoundedMemory;

/// <summary>What several values retain together.</summary>
/// <param name="UnionBytes">Bytes of everything any of the values retains, each object once.</param>
/// <param name="SumBytes">Bytes of the separate measurements added up; the difference is what sharing makes the separate ones charge too much.</param>
/// <param name="Shared">The shared object that costs most by being charged repeatedly; null if none is reached by two values.</param>
/// <param name="Quality">
/// <see cref="SizeQuality.CapHit"/> if a value led to more than <see cref="SizerOptions.MaxObjects"/> objects: then both sums are lower bounds.
/// </param>
internal readonly record struct JointSize(long UnionBytes, long SumBytes, SharedGraph? Shared, SizeQuality Quality);

/// <summary>An object that several values reach.</summary>
/// <param name="TypeName">Its type, without the namespace.</param>
/// <param name="Bytes">Bytes it retains, itself included.</param>
/// <param name="Roots">By how many of the values it is reached.</param>
internal sealed record SharedGraph(string TypeName, long Bytes, int Roots);
