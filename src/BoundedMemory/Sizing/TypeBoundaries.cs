using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace BoundedMemory;

/// <summary>
/// Where a walk ends because the next object belongs to the process and not to the value. Kept short: what is listed here and belongs to
/// the value after all is not counted.
/// </summary>
internal static class TypeBoundaries
{
    /// <summary>
    /// Types told by name, so that measuring does not load their assemblies: the type or a base of it. The last one is internal: the owner of a
    /// collectible assembly, reached from its delegates.
    /// </summary>
    private static readonly string[] ForeignNames =
        ["System.Text.Json.JsonSerializerOptions", "System.Text.RegularExpressions.Regex", "System.Reflection.LoaderAllocator"];

    /// <summary>How an instance is treated that a measured value refers to.</summary>
    public static Treatment OfReferenced(Type type, bool hasReferences)
    {
        if (IsRuntimeOwned(type) || IsProcessWide(type) || IsStatelessComparer(type, hasReferences) || IsMarked(type))
            return Treatment.Foreign;
        return OfRoot(type, hasReferences);
    }

    /// <summary>How an instance is treated that is the measured value.</summary>
    public static Treatment OfRoot(Type type, bool hasReferences)
    {
        if (typeof(IHasSize).IsAssignableFrom(type))
            return Treatment.Declared;
        if (!hasReferences || IsRuntimeOwned(type) || LeadsIntoTheRuntime(type))
            return Treatment.OwnBytes;
        return Treatment.Follow;
    }

    /// <summary>Instances of a type that the runtime shares among everybody, or null.</summary>
    public static object[]? SharedInstancesOf(Type type)
    {
        bool canBe = type == typeof(object) || (type.Assembly == typeof(object).Assembly && typeof(IEqualityComparer<string>).IsAssignableFrom(type));
        object[] shared = canBe ? Array.FindAll(SharedObjects.All, one => one.GetType() == type) : [];
        return shared.Length == 0 ? null : shared;
    }

    /// <summary>Reflection objects lead through the caches of the runtime to everything: never followed.</summary>
    private static bool IsRuntimeOwned(Type type) =>
        typeof(MemberInfo).IsAssignableFrom(type) || typeof(Assembly).IsAssignableFrom(type) || typeof(Module).IsAssignableFrom(type);

    /// <summary>Things one has a reference to, not a copy of.</summary>
    private static bool IsProcessWide(Type type)
    {
        if (typeof(Thread).IsAssignableFrom(type) || typeof(CultureInfo).IsAssignableFrom(type) || typeof(Encoding).IsAssignableFrom(type)
            || typeof(TimeZoneInfo).IsAssignableFrom(type) || typeof(IServiceProvider).IsAssignableFrom(type))
        {
            return true;
        }

        for (Type? t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            if (!t.IsGenericType && Array.IndexOf(ForeignNames, t.FullName) >= 0)
                return true;
        }

        return false;
    }

    private static bool IsMarked(Type type)
    {
        try
        {
            return type.IsDefined(typeof(NotOwnedAttribute), inherit: true);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Attributes of assemblies that are not there: the mark is not seen, the size errs upwards.
            return false;
        }
    }

    /// <summary>Their references are registrations and handles of others; what they hold of their own is small or native.</summary>
    private static bool LeadsIntoTheRuntime(Type type) =>
        typeof(CancellationTokenSource).IsAssignableFrom(type) || typeof(SafeHandle).IsAssignableFrom(type);

    /// <summary>Default comparers of the runtime: one instance per type argument, without state, which nobody else can make.</summary>
    private static bool IsStatelessComparer(Type type, bool hasReferences)
    {
        if (hasReferences || type.Assembly != typeof(object).Assembly)
            return false;
        for (Type? t = type.BaseType; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && (t.GetGenericTypeDefinition() == typeof(EqualityComparer<>) || t.GetGenericTypeDefinition() == typeof(Comparer<>)))
                return true;
        }

        return false;
    }

    /// <summary>Objects that the runtime makes once and puts into many objects of others.</summary>
    private static object[] CollectSharedObjects()
    {
        // The well-known comparers, and those that dictionaries use in their place.
        StringComparer[] known = [StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture, StringComparer.InvariantCultureIgnoreCase];
        var found = new List<object>(known);
        foreach (StringComparer? comparer in (StringComparer?[])[null, .. known])
            AddReferencesOf(new Dictionary<string, string>(comparer), found);

        // What a completed task has in place of its continuation.
        var source = new TaskCompletionSource();
        source.SetResult();
        AddReferencesOf(source.Task, found);
        return [.. found];
    }

    private static unsafe void AddReferencesOf(object o, List<object> found)
    {
        var collector = new Collector(found);
        PointerMap.Visit(o, HeapLayout.TypeOf(o), ref collector);
    }

    private readonly struct Collector(List<object> found) : IReferenceVisitor
    {
        public bool Visit(object child, nint offset)
        {
            found.Add(child);
            return true;
        }
    }

    /// <summary>Put off until an object is met that may be one of them: it loads a good deal of the runtime.</summary>
    private static class SharedObjects
    {
        public static readonly object[] All = CollectSharedObjects();
    }
}
