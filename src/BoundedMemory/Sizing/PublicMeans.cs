using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Sizes that documented interfaces can tell: the fallback where the heap layout is not known.</summary>
/// <remarks>
/// Strings, arrays and boxes of values without references, and whatever declares its size. Computed for the layout of a 64-bit runtime, which is no
/// smaller than that of a 32-bit one. Whether a struct has references is asked of its fields, but not where those can be compiled away while the
/// struct keeps them (native compilation): there only primitives and enums are measured.
/// </remarks>
internal static class PublicMeans
{
    private const int HeaderBytes = 16;
    private const int ArrayHeaderBytes = 24;
    private const int StringHeaderBytes = 22;

    /// <summary>Whether every value of this static type can be measured.</summary>
    public static bool CanMeasure(Type type) =>
        type == typeof(string) || typeof(IHasSize).IsAssignableFrom(type) || (type.IsArray && IsWithoutReferences(type.GetElementType()!));

    public static bool TryMeasure(object value, out SizeResult result)
    {
        Type type = value.GetType();
        if (value is IHasSize declared)
            result = Declared(declared, type);
        else if (GC.GetGeneration(value) == int.MaxValue)
            result = default;
        else if (value is string text)
            result = Exact(StringHeaderBytes + (2L * text.Length));
        else if (value is Array array && IsWithoutReferences(type.GetElementType()!))
            result = Exact(ArrayHeaderBytes + BoundsBytes(type) + (array.LongLength * RuntimeHelpers.SizeOf(type.GetElementType()!.TypeHandle)));
        else if (IsWithoutReferences(type))
            result = Exact(HeaderBytes + RuntimeHelpers.SizeOf(type.TypeHandle));
        else
        {
            result = default;
            return false;
        }

        return true;
    }

    private static SizeResult Declared(IHasSize value, Type type)
    {
        long bytes = value.RetainedBytes;
        if (bytes < 0)
            throw new InvalidOperationException($"{TypeNames.Full(type)}.{nameof(IHasSize.RetainedBytes)} returned {bytes}; a size is zero or more.");
        return new SizeResult(type.IsValueType ? bytes + HeapLayout.Align(HeaderBytes + RuntimeHelpers.SizeOf(type.TypeHandle)) : bytes, 1, SizeQuality.Declared);
    }

    private static SizeResult Exact(long bytes) => new(HeapLayout.Align(bytes), 1, SizeQuality.Exact);

    /// <summary>Bytes of the lengths and lower bounds that arrays with several dimensions, or with a lower bound, carry.</summary>
    private static int BoundsBytes(Type type) => type.IsSZArray ? 0 : 8 * type.GetArrayRank();

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Fields are asked only where a field without metadata does not exist.")]
    private static bool IsWithoutReferences(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsFunctionPointer)
            return true;
        if (!type.IsValueType || !RuntimeFeature.IsDynamicCodeSupported)
            return false;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!IsWithoutReferences(field.FieldType))
                return false;
        }

        return true;
    }
}
