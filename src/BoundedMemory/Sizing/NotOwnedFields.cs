using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Finds where in an object the fields marked <see cref="NotOwnedAttribute"/> lie.</summary>
/// <remarks>
/// Reflection tells which fields are marked but not where they are. So an instance without a constructor call gets a known object written into one of
/// its reference slots after the other, and the marked fields are asked whether they see it. Nobody else ever sees that instance. Not
/// done for types with finalizers, which must not run on such an instance: there the mark is ignored and the size errs upwards.
/// </remarks>
internal static unsafe class NotOwnedFields
{
    private const BindingFlags DeclaredInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Returns the offsets of marked slots, from an instance's start or, for an array of structs, from an element's; null if there are none.</summary>
    public static int[]? SlotsOf(Type type, MethodTable* descriptor)
    {
        Type holder = type;
        if (descriptor->HasLength)
        {
            holder = type.GetElementType()!;
            if (!holder.IsValueType || Nullable.GetUnderlyingType(holder) is not null)
                return null;
        }

        try
        {
            var marked = new List<FieldInfo[]>();
            Collect(holder, [], marked);
            return marked.Count == 0 || HasFinalizer(holder) ? null : Probe(holder, marked, descriptor->HasLength ? sizeof(nint) : 0);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Reflection fails for types with attributes of missing assemblies, or with a failing static constructor: no mark is seen.
            return null;
        }
    }

    /// <summary>Finds the slots that marked fields see, each less <paramref name="shift"/>.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "No constructor is called, and an instance of the type exists, so its layout was kept.")]
    [SuppressMessage("Usage", "CA1816", Justification = "The probe was never constructed: no finalizer may run on it, if one was overlooked.")]
    private static int[]? Probe(Type holder, List<FieldInfo[]> marked, int shift)
    {
        object probe = RuntimeHelpers.GetUninitializedObject(holder);
        GC.SuppressFinalize(probe);
        MethodTable* type = HeapLayout.TypeOf(probe);
        if (!type->HasReferences)
            return null;
        var witness = new object();
        var found = new List<int>();
        foreach (int slot in PointerMap.SlotsOf(type, int.MaxValue)!)
        {
            HeapLayout.SlotAt(probe, slot) = witness;
            if (marked.Exists(path => Sees(path, probe, witness)))
                found.Add(slot - shift);
            HeapLayout.SlotAt(probe, slot) = null;
        }

        return found.Count == 0 ? null : [.. found];
    }

    /// <summary>Collects the marked fields of a type, its bases and the structs in it, each as the path of fields that leads to it.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field without metadata is a mark that is not seen: the size errs upwards.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A field without metadata is a mark that is not seen: the size errs upwards.")]
    private static void Collect(Type type, FieldInfo[] path, List<FieldInfo[]> marked)
    {
        for (Type? t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            if (t.Assembly == typeof(object).Assembly && !t.IsGenericType)
                continue;
            foreach (FieldInfo field in t.GetFields(DeclaredInstance))
            {
                Type fieldType = field.FieldType;
                if (field.IsDefined(typeof(NotOwnedAttribute), inherit: false))
                    marked.Add([.. path, field]);
                else if (fieldType.IsValueType && !fieldType.IsPrimitive && !fieldType.IsEnum)
                    Collect(fieldType, [.. path, field], marked);
            }
        }
    }

    /// <summary>Whether the field at the end of the path holds the witness, or is a struct that does.</summary>
    private static bool Sees(FieldInfo[] path, object probe, object witness)
    {
        object? value = probe;
        foreach (FieldInfo field in path)
        {
            value = field.GetValue(value);
            if (value is null)
                return false;
        }

        if (ReferenceEquals(value, witness))
            return true;
        if (!path[^1].FieldType.IsValueType || !HeapLayout.TypeOf(value)->HasReferences)
            return false;
        foreach (int slot in PointerMap.SlotsOf(HeapLayout.TypeOf(value), int.MaxValue)!)
        {
            if (ReferenceEquals(HeapLayout.SlotAt(value, slot), witness))
                return true;
        }

        return false;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Finalization of the probe is suppressed as well; this only keeps clear of the types it could matter for.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Finalization of the probe is suppressed as well; this only keeps clear of the types it could matter for.")]
    private static bool HasFinalizer(Type type)
    {
        if (typeof(System.Runtime.ConstrainedExecution.CriticalFinalizerObject).IsAssignableFrom(type) || typeof(WeakReference).IsAssignableFrom(type))
            return true;
        for (Type? t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            if (t.GetMethod("Finalize", DeclaredInstance, Type.EmptyTypes) is not null)
                return true;
        }

        return false;
    }
}
