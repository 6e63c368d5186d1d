using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>
/// Measures object graphs: every object reachable from the root once, with its exact size. One walker per thread, without locks; a measurement
/// allocates nothing as long as the graph has no more than some 320 objects.
/// </summary>
internal sealed unsafe class GraphWalker
{
    /// <summary>Slots a thread keeps between measurements, all tables together.</summary>
    public const int KeptSlots = VisitedSet.KeptSlots + (KeptPending * 2) + LeafSweep.RecentSlots;

    /// <summary>Elements of an array looked at before their own references are: bounds the work list.</summary>
    private const int ElementsAtOnce = 32;

    private const int KeptPending = 128;

    /// <summary>The walker of this thread while it is idle: a measurement takes it, one inside it (a user's size) makes its own.</summary>
    [ThreadStatic]
    private static GraphWalker? _idle;

    private readonly VisitedSet _visited = new();

    /// <summary>Objects charged whose references were not yet, or not all, followed.</summary>
    private Pending[] _pending = new Pending[KeptPending];

    private int _pendingCount;

    /// <summary>Scratch of <see cref="LeafSweep"/>; empty between sweeps.</summary>
    private readonly object?[] _recentLeaves = new object?[LeafSweep.RecentSlots];

    private long _bytes;

    /// <summary>Objects charged one by one: what the cap counts.</summary>
    private int _objects;

    /// <summary>Objects charged by summing arrays.</summary>
    private long _swept;

    private int _maxObjects;

    private SizeQuality _quality;

    private bool HitCap => _quality == SizeQuality.CapHit;

    /// <summary>Slots this thread's walker holds now; for tests.</summary>
    internal static int SlotsKeptByThisThread => _idle is { } idle ? VisitedSet.KeptSlots + (idle._pending.Length * 2) + LeafSweep.RecentSlots : 0;

    /// <summary>Whether this thread's last large table is still there to be reused; for tests.</summary>
    internal static bool HasSpareOnThisThread => _idle is { } idle && idle._visited.HasSpare;

    /// <summary>Measures an object and everything it owns.</summary>
    public static SizeResult Measure(object root, int maxObjects)
    {
        MethodTable* type = HeapLayout.TypeOf(root);
        if (!type->HasReferences && type->HasLength)
            return HeapLayout.IsFrozen(root) ? default : new SizeResult(HeapLayout.SizeOf(root, type), 1, SizeQuality.Exact);
        if (HeapLayout.IsFrozen(root))
            return default;
        TypeShape shape = TypeShapes.Of(root, type);
        switch (shape.AsRoot)
        {
            case Treatment.OwnBytes:
                return new SizeResult(HeapLayout.SizeOf(root, type), 1, SizeQuality.Exact);
            case Treatment.Declared:
                return new SizeResult(DeclaredBytes(root, type, shape), 1, SizeQuality.Declared);
            default:
                return shape.FewSlots is { } slots && TryMeasureFlat(root, type, slots, maxObjects, out SizeResult result) ? result : Walk(root, isHolder: false, maxObjects);
        }
    }

    /// <summary>Measures what the only element of an array owns, without the array.</summary>
    public static SizeResult MeasureElement(Array holder, int maxObjects) => Walk(holder, isHolder: true, maxObjects);

    /// <summary>Asks an object for its size.</summary>
    public static long DeclaredBytes(object o, MethodTable* type, TypeShape shape)
    {
        long bytes = ((IHasSize)o).RetainedBytes;
        if (bytes < 0)
            throw new InvalidOperationException($"{TypeNames.Full(o.GetType())}.{nameof(IHasSize.RetainedBytes)} returned {bytes}; a size is zero or more.");
        return shape.IsBox ? bytes + HeapLayout.SizeOf(o, type) : bytes;
    }

    /// <summary>Measures an object that refers to a few objects that refer to nothing: no need to remember them, one look back is enough.</summary>
    private static bool TryMeasureFlat(object root, MethodTable* type, int[] slots, int maxObjects, out SizeResult result)
    {
        long bytes = HeapLayout.SizeOf(root, type);
        int objects = 1;
        result = default;
        for (int i = 0; i < slots.Length; i++)
        {
            object? child = HeapLayout.SlotAt(root, slots[i]);
            if (child is null)
                continue;
            MethodTable* childType = HeapLayout.TypeOf(child);
            if (childType->HasReferences)
                return false;
            if (HeapLayout.IsFrozen(child) || OccursBefore(root, slots, i, child))
                continue;
            if (!childType->HasLength)
            {
                Treatment treatment = TypeShapes.Of(child, childType).TreatmentOf(child);
                if (treatment == Treatment.Foreign)
                    continue;
                if (treatment == Treatment.Declared)
                    return false;
            }

            bytes += HeapLayout.SizeOf(child, childType);
            objects++;
        }

        result = new SizeResult(bytes, objects, SizeQuality.Exact);
        return objects <= maxObjects;
    }

    private static bool OccursBefore(object root, int[] slots, int i, object child)
    {
        for (int j = 0; j < i; j++)
        {
            if (ReferenceEquals(HeapLayout.SlotAt(root, slots[j]), child))
                return true;
        }

        return false;
    }

    private static SizeResult Walk(object root, bool isHolder, int maxObjects)
    {
        GraphWalker walker = _idle ?? new GraphWalker();
        _idle = null;
        SizeResult result;
        try
        {
            result = walker.WalkUntilUndisturbed(root, isHolder, maxObjects);
        }
        finally
        {
            walker.Release();
            _idle = walker;
        }

        return result.Quality == SizeQuality.CapHit ? GraphPath.Explain(root, isHolder, maxObjects, result) : result;
    }

    private SizeResult WalkUntilUndisturbed(object root, bool isHolder, int maxObjects)
    {
        // Nearly always no collection comes in between. If one does, the second walk is made in the way that copes with them.
        int collections = GC.CollectionCount(0);
        WalkOnce(root, isHolder, maxObjects, careful: false);
        if (GC.CollectionCount(0) != collections)
            WalkOnce(root, isHolder, maxObjects, careful: true);
        if (_visited.GaveUp && _quality == SizeQuality.Exact)
            _quality = SizeQuality.UpperBound;
        return new SizeResult(_bytes, (int)Math.Min(_objects + _swept, int.MaxValue), _quality);
    }

    private void WalkOnce(object root, bool isHolder, int maxObjects, bool careful)
    {
        _visited.Reset(careful);
        _pendingCount = 0;
        _bytes = 0;
        _objects = 0;
        _swept = 0;
        _maxObjects = maxObjects;
        _quality = SizeQuality.Exact;

        MethodTable* type = HeapLayout.TypeOf(root);
        _visited.Add(root);
        if (isHolder || VisitFollowed(root, type, TypeShapes.Of(root, type)))
        {
            if (isHolder)
                Push(root, 0);
            while (_pendingCount > 0 && !HitCap)
                FollowNext();
        }
    }

    /// <summary>Follows the references of the last pending object, or of the next few elements of an array.</summary>
    private void FollowNext()
    {
        ref Pending last = ref _pending[_pendingCount - 1];
        object o = last.Object!;
        MethodTable* type = HeapLayout.TypeOf(o);
        var visitor = new Visitor(this);
        if (!type->HasLength)
        {
            Pop();
            if (TypeShapes.Of(o, type).NotOwnedSlots is { } notOwned)
            {
                var owned = new OwnedOnly<Visitor>(visitor, notOwned, type);
                PointerMap.VisitFields(o, type, ref owned);
            }
            else
            {
                PointerMap.VisitFields(o, type, ref visitor);
            }

            return;
        }

        nint from = last.NextElement;
        nint length = (nint)HeapLayout.LengthOf(o);
        nint to = Math.Min(from + ElementsAtOnce, length);
        if (to == length)
            Pop();
        else
            last.NextElement = (int)to;
        if (TypeShapes.Of(o, type).NotOwnedSlots is { } notOwnedInElement)
        {
            var owned = new OwnedOnly<Visitor>(visitor, notOwnedInElement, type);
            PointerMap.VisitElements(o, type, from, to, ref owned);
        }
        else
        {
            PointerMap.VisitElements(o, type, from, to, ref visitor);
        }
    }

    /// <summary>Charges an object the walk came to, unless it was charged before.</summary>
    /// <returns>False when the walk must end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool VisitReferenced(object o)
    {
        if (!_visited.Add(o))
            return true;
        MethodTable* type = HeapLayout.TypeOf(o);
        if (HeapLayout.IsFrozen(o))
            return true;
        if (!type->HasReferences && type->HasLength)
            return Charge(HeapLayout.SizeOf(o, type));
        return VisitTyped(o, type);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool VisitTyped(object o, MethodTable* type)
    {
        TypeShape shape = TypeShapes.Of(o, type);
        switch (shape.TreatmentOf(o))
        {
            case Treatment.Follow:
                return VisitFollowed(o, type, shape);
            case Treatment.OwnBytes:
                return Charge(HeapLayout.SizeOf(o, type));
            case Treatment.Declared:
                _quality = SizeQuality.Declared;
                return Charge(DeclaredBytes(o, type, shape));
            default:
                return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool VisitFollowed(object o, MethodTable* type, TypeShape shape)
    {
        if (LeafSweep.Applies(o, shape))
        {
            long bytes = LeafSweep.Bytes(o, type, _recentLeaves, out long elements);
            if (_quality == SizeQuality.Exact)
                _quality = SizeQuality.UpperBound;
            _swept += elements;
            return Charge(bytes);
        }

        if (!Charge(HeapLayout.SizeOf(o, type)))
            return false;
        Push(o, 0);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Charge(long bytes)
    {
        if (_objects == _maxObjects)
        {
            _quality = SizeQuality.CapHit;
            return false;
        }

        _bytes += bytes;
        _objects++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(object o, int nextElement)
    {
        if (_pendingCount == _pending.Length)
            Array.Resize(ref _pending, _pending.Length * 2);
        ref Pending pending = ref _pending[_pendingCount++];
        pending.Object = o;
        pending.NextElement = nextElement;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pop() => _pending[--_pendingCount].Object = null;

    /// <summary>Lets go of every object and of everything larger than a thread may keep.</summary>
    private void Release()
    {
        _visited.Release();
        if (_pending.Length > KeptPending)
            _pending = new Pending[KeptPending];
        else
            Array.Clear(_pending, 0, _pendingCount);
        _pendingCount = 0;
    }

    private struct Pending
    {
        public object? Object;

        /// <summary>Of an array: the first element not yet looked at.</summary>
        public int NextElement;
    }

    private readonly struct Visitor(GraphWalker walker) : IReferenceVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Visit(object child, nint offset) => walker.VisitReferenced(child);
    }
}
