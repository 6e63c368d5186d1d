using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The shapes of all types met so far, found by type descriptor without a lock.</summary>
/// <remarks>
/// Descriptors of ordinary types live as long as the process, so an entry once written is right for ever. Descriptors of collectible types
/// are freed and reused: their shapes hang on the type object and are looked up by it, more slowly.
/// </remarks>
internal static unsafe class TypeShapes
{
    /// <summary>Objects with up to this many references are measured without a visited set if the references lead no further.</summary>
    private const int FewSlots = 8;

    /// <summary>Serialises writers; readers never take it.</summary>
    private static readonly Lock Gate = new();

    private static readonly ConditionalWeakTable<Type, TypeShape> Collectible = [];

    /// <summary>The published table, at most half full. Slots are written once; growth publishes a new table.</summary>
    private static Slot[] _table = new Slot[256];

    /// <summary>Slots in use; guarded by <see cref="Gate"/>.</summary>
    private static int _count;

    /// <summary>Returns the shape of an object's type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TypeShape Of(object o, MethodTable* type)
    {
        Slot[] table = Volatile.Read(ref _table);
        uint mask = (uint)table.Length - 1;
        for (uint i = Hash((nint)type); ; i++)
        {
            ref Slot slot = ref table[i & mask];

            // Acquire: pairs with the release in Add, so that the shape is there when its key is.
            nint key = Volatile.Read(ref slot.Type);
            if (key == (nint)type)
                return slot.Shape!;
            if (key == 0)
                return OfNewType(o, type);
        }
    }

    /// <summary>Whether a descriptor is in the table; for tests.</summary>
    internal static bool IsKeptForEver(MethodTable* type) => Array.Exists(Volatile.Read(ref _table), slot => slot.Type == (nint)type);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TypeShape OfNewType(object o, MethodTable* descriptor)
    {
        Type type = o.GetType();
        if (type.IsCollectible)
            return Collectible.GetValue(type, static t => Make(t, HeapLayout.TypeOf(t)));
        TypeShape shape = Make(type, descriptor);
        Add((nint)descriptor, shape);
        return shape;
    }

    /// <summary>Looks at a type by reflection, once. Runs outside the lock; two threads may both do it and come to the same result.</summary>
    private static TypeShape Make(Type type, MethodTable* descriptor)
    {
        bool hasReferences = descriptor->HasReferences;
        Treatment asRoot = TypeBoundaries.OfRoot(type, hasReferences);
        int[]? notOwned = asRoot == Treatment.Follow ? NotOwnedFields.SlotsOf(type, descriptor) : null;
        object[]? shared = TypeBoundaries.SharedInstancesOf(type);
        return new TypeShape
        {
            Referenced = TypeBoundaries.OfReferenced(type, hasReferences),
            AsRoot = asRoot,
            IsBox = type.IsValueType,
            HasLeafElements = hasReferences && descriptor->HasLength && IsLeaf(type.GetElementType()!),
            FewSlots = asRoot == Treatment.Follow && !descriptor->HasLength && notOwned is null ? PointerMap.SlotsOf(descriptor, FewSlots) : null,
            NotOwnedSlots = notOwned,
            Shared = shared,
        };
    }

    /// <summary>Whether everything a variable of this type can refer to has no references of its own and no say in its size.</summary>
    private static bool IsLeaf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType() is { IsPrimitive: true };
        return type.IsSealed && type.IsClass && !HeapLayout.TypeOf(type)->HasReferences
            && TypeBoundaries.OfReferenced(type, hasReferences: false) == Treatment.OwnBytes;
    }

    private static void Add(nint type, TypeShape shape)
    {
        lock (Gate)
        {
            if ((_count + 1) * 2 > _table.Length)
            {
                var larger = new Slot[_table.Length * 2];
                foreach (Slot slot in _table)
                {
                    if (slot.Type != 0)
                        Put(larger, slot.Type, slot.Shape!);
                }

                Volatile.Write(ref _table, larger);
            }

            if (Put(_table, type, shape))
                _count++;
        }
    }

    private static bool Put(Slot[] table, nint type, TypeShape shape)
    {
        uint mask = (uint)table.Length - 1;
        for (uint i = Hash(type); ; i++)
        {
            ref Slot slot = ref table[i & mask];
            if (slot.Type == type)
                return false;
            if (slot.Type != 0)
                continue;
            slot.Shape = shape;

            // Release: whoever sees the key sees the shape and everything in it.
            Volatile.Write(ref slot.Type, type);
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(nint type) => (uint)(((ulong)type * 0x9E37_79B9_7F4A_7C15) >> 40);

    private struct Slot
    {
        /// <summary>Address of the type descriptor; zero while the slot is free. Written after <see cref="Shape"/>.</summary>
        public nint Type;

        public TypeShape? Shape;
    }
}
