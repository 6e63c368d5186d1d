using System.Numerics;

namespace BoundedMemory;

/// <summary>
/// Walks several graphs with one memory: which objects there are, what each costs and how many of the values reach it. Used by one thread, once.
/// </summary>
/// <remarks>
/// Every object is visited once per value that reaches it and three times more; the cap bounds the objects per value. Some 60 bytes are
/// allocated per distinct object and given back afterwards.
/// </remarks>
internal sealed unsafe class JointWalk
{
    /// <summary>Repairs after which collections come faster than it pays to repair.</summary>
    private const int RepairLimit = 64;

    private readonly int _maxObjects;

    /// <summary>Nodes a value refers to directly: where sharing may begin.</summary>
    private readonly List<int> _topNodes = [];

    /// <summary>Nodes whose references are still to be followed.</summary>
    private readonly Stack<int> _pending = new();

    /// <summary>Distinct objects, in the order in which they were found.</summary>
    private Node[] _nodes = new Node[64];

    private int _nodeCount;

    /// <summary>Finds nodes by their object: open addressing, at most half full, of node numbers plus one; hashed by where the object is.</summary>
    private int[] _table = new int[256];

    /// <summary>Collections there had been when everything in the table was in its place.</summary>
    private int _collections = GC.CollectionCount(0);

    private int _repairs;

    /// <summary>Scratch of <see cref="LeafSweep"/>; empty between sweeps.</summary>
    private readonly object?[] _recentLeaves = new object?[LeafSweep.RecentSlots];

    private long _sum;

    /// <summary>Objects of the current value.</summary>
    private int _objects;

    private SizeQuality _quality;

    private JointWalk(int maxObjects) => _maxObjects = maxObjects;

    public static JointSize Measure<T>(ReadOnlySpan<T> values, int maxObjects)
    {
        var walk = new JointWalk(maxObjects);
        T[]? holder = typeof(T).IsValueType ? new T[1] : null;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value)
                continue;
            if (holder is not null)
                holder[0] = value;
            walk.WalkValue((object?)holder ?? value, isHolder: holder is not null, i + 1);
        }

        long union = 0;
        foreach (ref readonly Node node in walk._nodes.AsSpan(0, walk._nodeCount))
            union += node.Bytes;
        SharedGraph? shared = walk.MostExpensiveShared();
        return new JointSize(union, walk._sum, shared, walk._quality);
    }

    /// <summary>Follows one value to its end or to the cap.</summary>
    private void WalkValue(object root, bool isHolder, int value)
    {
        _objects = 0;
        if (isHolder)
            VisitOwned(root, new ReachVisitor(this, value, isTop: true));
        else if (!HeapLayout.IsFrozen(root))
            _ = Reach(root, value, isTop: true, TypeShapes.Of(root, HeapLayout.TypeOf(root)).AsRoot);

        while (_pending.Count > 0 && _objects <= _maxObjects)
            VisitOwned(_nodes[_pending.Pop()].Object, new ReachVisitor(this, value, isTop: false));
        if (_objects > _maxObjects)
            Lower(SizeQuality.CapHit);
        _pending.Clear();
    }

    /// <summary>Notes that a value reaches an object.</summary>
    /// <returns>False when the value has reached its cap.</returns>
    private bool Reach(object o, int value, bool isTop, Treatment treatment)
    {
        int found = Find(o);
        if (found < 0)
            found = Add(o, treatment);
        if (isTop)
            _topNodes.Add(found);
        ref Node node = ref _nodes[found];
        if (node.LastValue == value)
            return true;
        node.LastValue = value;
        if (++_objects > _maxObjects)
            return false;
        node.Values++;
        _sum += node.Bytes;
        if (node.LeadsOn)
            _pending.Push(found);
        return true;
    }

    private int Add(object o, Treatment treatment)
    {
        MethodTable* type = HeapLayout.TypeOf(o);
        var node = new Node { Object = o };
        if (treatment == Treatment.Declared)
        {
            node.Bytes = GraphWalker.DeclaredBytes(o, type, TypeShapes.Of(o, type));
            Lower(SizeQuality.Declared);
        }
        else if (treatment == Treatment.Follow && LeafSweep.Applies(o, TypeShapes.Of(o, type)))
        {
            node.Bytes = LeafSweep.Bytes(o, type, _recentLeaves, out _);
            Lower(SizeQuality.UpperBound);
        }
        else
        {
            node.Bytes = HeapLayout.SizeOf(o, type);
            node.LeadsOn = treatment == Treatment.Follow;
        }

        if (_nodeCount == _nodes.Length)
            Array.Resize(ref _nodes, _nodeCount * 2);
        _nodes[_nodeCount++] = node;
        if (_nodeCount * 2 > _table.Length)
            Rehash(_table.Length * 2);
        else
            Put(_nodeCount - 1);
        return _nodeCount - 1;
    }

    /// <summary>Finds what costs most by being charged once per value: bytes times the values beyond the first.</summary>
    /// <remarks>
    /// Sharing begins where an object is reached by more values than the object that refers to it. The graphs behind such objects may overlap: for the
    /// comparison each object counts for the first that leads to it.
    /// </remarks>
    private SharedGraph? MostExpensiveShared()
    {
        var candidates = new SortedSet<int>();
        foreach (int top in _topNodes)
        {
            if (_nodes[top].Values > 1)
                candidates.Add(top);
        }

        for (int i = 0; i < _nodeCount; i++)
        {
            if (_nodes[i].LeadsOn && _nodes[i].Values > 0)
                VisitOwned(_nodes[i].Object, new BeginningVisitor(this, _nodes[i].Values, candidates));
        }

        int best = -1;
        long bestCost = 0;
        foreach (int candidate in candidates)
        {
            long cost = BytesBehind(candidate, mark: 1) * (_nodes[candidate].Values - 1);
            if (cost > bestCost)
                (best, bestCost) = (candidate, cost);
        }

        return best < 0 ? null : new SharedGraph(TypeNames.Short(_nodes[best].Object.GetType()), BytesBehind(best, mark: 2), _nodes[best].Values);
    }

    /// <summary>Bytes of what a node leads to, itself included, without nodes that carry the mark; they carry it afterwards.</summary>
    private long BytesBehind(int start, int mark)
    {
        long bytes = 0;
        var visitor = new MarkVisitor(this, mark);
        visitor.Mark(start);
        while (_pending.TryPop(out int next))
        {
            bytes += _nodes[next].Bytes;
            if (_nodes[next].LeadsOn)
                VisitOwned(_nodes[next].Object, visitor);
        }

        return bytes;
    }

    private static void VisitOwned<TVisitor>(object o, TVisitor visitor)
        where TVisitor : struct, IReferenceVisitor
    {
        MethodTable* type = HeapLayout.TypeOf(o);
        var owned = new OwnedOnly<TVisitor>(visitor, TypeShapes.Of(o, type).NotOwnedSlots ?? [], type);
        PointerMap.Visit(o, type, ref owned);
    }

    private static Treatment TreatmentOf(object o) =>
        HeapLayout.IsFrozen(o) ? Treatment.Foreign : TypeShapes.Of(o, HeapLayout.TypeOf(o)).TreatmentOf(o);

    private void Lower(SizeQuality quality) => _quality = quality > _quality ? quality : _quality;

    /// <summary>Returns the node of an object, or -1.</summary>
    private int Find(object o)
    {
        while (true)
        {
            int found = Search(o);
            if (found >= 0)
                return found;

            // Read after the search: if it stands where it stood before the table was last put in order, nothing had moved when the search failed.
            int collections = GC.CollectionCount(0);
            if (collections == _collections)
                return -1;
            if (_repairs++ == RepairLimit)
            {
                Lower(SizeQuality.UpperBound);
                return -1;
            }

            _collections = collections;
            Rehash(_table.Length);
        }
    }

    private int Search(object o)
    {
        uint mask = (uint)_table.Length - 1;
        for (uint i = Home(o); _table[i] != 0; i = (i + 1) & mask)
        {
            if (ReferenceEquals(_nodes[_table[i] - 1].Object, o))
                return _table[i] - 1;
        }

        return -1;
    }

    private void Rehash(int length)
    {
        _table = new int[length];
        for (int i = 0; i < _nodeCount; i++)
            Put(i);
    }

    private void Put(int node)
    {
        uint mask = (uint)_table.Length - 1;
        uint i = Home(_nodes[node].Object);
        while (_table[i] != 0)
            i = (i + 1) & mask;
        _table[i] = node + 1;
    }

    private uint Home(object o) => (uint)(((ulong)HeapLayout.AddressOf(o) * 0x9E37_79B9_7F4A_7C15) >> (64 - BitOperations.Log2((uint)_table.Length)));

    private struct Node
    {
        public object Object;

        /// <summary>Own bytes; of a swept array those of its elements as well, of an <see cref="IHasSize"/> what it declares.</summary>
        public long Bytes;

        public bool LeadsOn;

        /// <summary>How many values reach it.</summary>
        public int Values;

        /// <summary>The value that reached it last, numbered from one.</summary>
        public int LastValue;

        /// <summary>The last <see cref="BytesBehind"/> that counted it.</summary>
        public int Mark;
    }

    private readonly struct ReachVisitor(JointWalk walk, int value, bool isTop) : IReferenceVisitor
    {
        public bool Visit(object child, nint offset) =>
            TreatmentOf(child) is var treatment && (treatment == Treatment.Foreign || walk.Reach(child, value, isTop, treatment));
    }

    private readonly struct BeginningVisitor(JointWalk walk, int valuesOfParent, SortedSet<int> candidates) : IReferenceVisitor
    {
        public bool Visit(object child, nint offset)
        {
            if (TreatmentOf(child) != Treatment.Foreign && walk.Find(child) is >= 0 and var found
                && walk._nodes[found].Values > Math.Max(valuesOfParent, 1))
            {
                candidates.Add(found);
            }

            return true;
        }
    }

    private readonly struct MarkVisitor(JointWalk walk, int mark) : IReferenceVisitor
    {
        public void Mark(int node)
        {
            if (walk._nodes[node].Mark >= mark)
                return;
            walk._nodes[node].Mark = mark;
            walk._pending.Push(node);
        }

        public bool Visit(object child, nint offset)
        {
            if (TreatmentOf(child) != Treatment.Foreign && walk.Find(child) is >= 0 and var found)
                Mark(found);
            return true;
        }
    }
}
