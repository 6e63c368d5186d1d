using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Measures how many bytes of managed heap an object graph really takes.</summary>
/// <remarks>
/// <para>Reads the runtime's own type descriptors and pointer maps (BaseSize, ComponentSize, GCDesc: see gcenv.object.h and gcdesc.h in
/// dotnet/runtime): no reflection over values, no generated code, no debugger. A self-test of a few milliseconds before the first measurement proves
/// that this runtime lays objects out that way; where it does not (32 bits, Mono, WebAssembly, a future change), only values whose size public
/// means can tell are measured, and <see cref="For{T}(SizerOptions?)"/> refuses the rest.</para>
/// <para>Counted: live managed bytes reachable from the value. Not counted: native memory, what hangs on a
/// <see cref="ConditionalWeakTable{TKey, TValue}"/> or a weak reference, objects in the frozen heap (literals), and what belongs to the process: types and
/// other reflection objects, threads, cultures, encodings, time zones, service providers, JSON serializer options, regular expressions, default
/// comparers, everything marked <see cref="NotOwnedAttribute"/>. Of cancellation token sources and safe handles only the object itself.</para>
/// <para>Thread-safe, without locks; allocates nothing for graphs of up to some 320 objects. 2 to 10 ns for a string or an array of numbers,
/// 10 to 30 ns per object otherwise; a graph with a cycle or a million levels is measured like any other. Measuring an object that other threads
/// change is safe and gives the size of some state in between.</para>
/// </remarks>
/// <example>
/// <code>
/// Sizer&lt;Order&gt; sizer = ObjectSizer.For&lt;Order&gt;();
/// SizeResult size = sizer.Measure(order);
/// if (size.Quality == SizeQuality.CapHit)
///     Console.WriteLine($"An order leads to {size.StoppedAtType} by {size.StoppedAtPath}: mark what it does not own.");
/// </code>
/// </example>
public static class ObjectSizer
{
    /// <summary>Returns the best sizer for values of a type, chosen once.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="options">How to measure; null for the defaults.</param>
    /// <returns>A sizer without state, for any number of threads.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">
    /// Values of the type can refer to other objects and this runtime's heap layout is not known: give a <see cref="Sizer.Create{T}(Func{T, long})"/> or
    /// implement <see cref="IHasSize"/>.
    /// </exception>
    public static Sizer<T> For<T>(SizerOptions? options = null) => Choose<T>(SizerOptions.ValidMaxObjects(options), HeapLayout.IsKnown);

    /// <summary>Measures an object graph.</summary>
    /// <param name="value">The object; null retains nothing.</param>
    /// <param name="options">How to measure; null for the defaults.</param>
    /// <returns>The bytes of the object and of everything it owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">An <see cref="IHasSize.RetainedBytes"/> is negative.</exception>
    /// <exception cref="NotSupportedException">This runtime's heap layout is not known and the object can refer to others.</exception>
    public static SizeResult Measure(object? value, SizerOptions? options = null) =>
        Measure(value, SizerOptions.ValidMaxObjects(options), HeapLayout.IsKnown);

    /// <summary>Chooses a sizer as if the heap layout were known or not.</summary>
    internal static Sizer<T> Choose<T>(int maxObjects, bool layoutIsKnown)
    {
        if (typeof(T).IsValueType)
        {
            if (typeof(IHasSize).IsAssignableFrom(typeof(T)))
                return new DeclaredStructSizer<T>();
            if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                return new InlineSizer<T>();
            return layoutIsKnown ? new StructSizer<T>(maxObjects) : throw LayoutIsNotKnown(typeof(T));
        }

        if (layoutIsKnown)
            return new GraphSizer<T>(maxObjects);
        return PublicMeans.CanMeasure(typeof(T)) ? new PublicSizer<T>() : throw LayoutIsNotKnown(typeof(T));
    }

    /// <summary>Measures as if the heap layout were known or not.</summary>
    internal static SizeResult Measure(object? value, int maxObjects, bool layoutIsKnown)
    {
        if (value is null)
            return default;
        if (layoutIsKnown)
            return GraphWalker.Measure(value, maxObjects);
        return PublicMeans.TryMeasure(value, out SizeResult result) ? result : throw LayoutIsNotKnown(value.GetType());
    }

    /// <summary>
    /// Measures values together, to find what they share: see <see cref="JointSize"/>. For audits: takes about three times as long as measuring
    /// each, and allocates.
    /// </summary>
    /// <exception cref="NotSupportedException">This runtime's heap layout is not known.</exception>
    internal static JointSize MeasureTogether<T>(ReadOnlySpan<T> values, SizerOptions? options = null)
    {
        int maxObjects = SizerOptions.ValidMaxObjects(options);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            return default;
        if (!HeapLayout.IsKnown)
            throw LayoutIsNotKnown(typeof(T));
        return JointWalk.Measure(values, maxObjects);
    }

    private static NotSupportedException LayoutIsNotKnown(Type type) => new(
        $"{TypeNames.Full(type)} can refer to other objects, and the size of object graphs cannot be measured on this runtime. "
        + $"Give a sizer ({nameof(Sizer)}.{nameof(Sizer.Create)}) or let the type implement {nameof(IHasSize)}.");
}
