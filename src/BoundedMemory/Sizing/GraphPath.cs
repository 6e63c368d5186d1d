using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace BoundedMemory;

/// <summary>
/// Tells where a walk that hit the cap had got to. Runs only then: it walks again, nearest objects first, and remembers how it came to
/// each, so that the path it names is a shortest one.
/// </summary>
internal sealed unsafe class GraphPath
{
    /// <summary>Objects looked at for the path, however high the cap: beyond, the answer would not get better.</summary>
    private const int MostObjects = 100_000;

    /// <summary>A longer path is shown with its first and its last steps.</summary>
    private const int MostSteps = 12;

    private const BindingFlags DeclaredInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly VisitedSet _visited = new();

    /// <summary>Objects in the order in which they were found; a step's parent stands before it.</summary>
    private readonly List<Step> _steps = [];

    private readonly int _maxObjects;

    private int _objects;

    private GraphPath(int maxObjects) => _maxObjects = Math.Min(maxObjects, MostObjects);

    /// <summary>Adds to the result of a capped walk where it stood.</summary>
    public static SizeResult Explain(object root, bool isHolder, int maxObjects, SizeResult capped)
    {
        var path = new GraphPath(maxObjects);
        path.Find(root, isHolder);
        Step last = path._steps[^1];
        return new SizeResult(capped.Bytes, capped.Objects, TypeNames.Full(last.Object.GetType()), path.Describe(isHolder));
    }

    private void Find(object root, bool isHolder)
    {
        _visited.Reset(careful: true);
        _visited.Add(root);
        _steps.Add(new Step(root, -1, 0));
        _objects = isHolder ? 0 : 1;
        for (int i = 0; i < _steps.Count && _objects <= _maxObjects; i++)
        {
            object o = _steps[i].Object;
            MethodTable* type = HeapLayout.TypeOf(o);
            TypeShape shape = TypeShapes.Of(o, type);
            Treatment treatment = i == 0 ? shape.AsRoot : shape.Referenced;
            if ((treatment != Treatment.Follow && !(isHolder && i == 0)) || LeafSweep.Applies(o, shape))
                continue;
            var visitor = new Visitor(this, i);
            var owned = new OwnedOnly<Visitor>(visitor, shape.NotOwnedSlots ?? [], type);
            PointerMap.Visit(o, type, ref owned);
        }
    }

    private bool VisitReferenced(object o, int parent, nint offset)
    {
        if (!_visited.Add(o) || HeapLayout.IsFrozen(o))
            return true;
        if (TypeShapes.Of(o, HeapLayout.TypeOf(o)).TreatmentOf(o) == Treatment.Foreign)
            return true;
        _steps.Add(new Step(o, parent, offset));
        return ++_objects <= _maxObjects;
    }

    private string Describe(bool isHolder)
    {
        var chain = new List<Step>();
        for (int i = _steps.Count - 1; i > 0; i = _steps[i].Parent)
            chain.Add(_steps[i]);
        chain.Reverse();

        object root = _steps[0].Object;
        var text = new StringBuilder(TypeNames.Short(isHolder ? root.GetType().GetElementType()! : root.GetType()));
        for (int i = 0; i < chain.Count; i++)
        {
            if (chain.Count > MostSteps && i == MostSteps / 2)
            {
                int left = chain.Count - MostSteps;
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"...({left} more)...");
                i += left;
            }

            object parent = _steps[chain[i].Parent].Object;
            AppendStep(text, parent, chain[i], isHolder && i == 0);
        }

        return text.ToString();
    }

    private static void AppendStep(StringBuilder text, object parent, Step step, bool isHolder)
    {
        if (parent is not Array array)
        {
            // A list reads as if it were its array.
            bool isList = parent.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(List<>);
            if (!isList)
                text.Append('.').Append(StepName(parent, step.Object));
            return;
        }

        MethodTable* descriptor = HeapLayout.TypeOf(array);
        nint element = (step.Offset - HeapLayout.ElementsAt(descriptor)) / descriptor->ComponentSize;
        if (!isHolder)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"[{element}]");
        if (array.GetType().GetElementType()!.IsValueType && ElementAt(array, element) is { } value)
            text.Append('.').Append(StepName(value, step.Object));
    }

    private static object? ElementAt(Array array, nint element)
    {
        if (array.Rank == 1)
            return array.GetValue(array.GetLowerBound(0) + element);
        var indices = new int[array.Rank];
        for (int d = array.Rank - 1; d >= 0; d--)
        {
            indices[d] = array.GetLowerBound(d) + (int)(element % array.GetLength(d));
            element /= array.GetLength(d);
        }

        return array.GetValue(indices);
    }

    /// <summary>The name of the field that leads from one object to another, or a question mark where reflection does not tell.</summary>
    private static string StepName(object holder, object target)
    {
        try
        {
            return FieldLeadingTo(holder, target) ?? "?";
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return "?";
        }
    }

    /// <summary>The name of the field of <paramref name="holder"/>, or of a struct in it, that holds the object; null where metadata were trimmed.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A field without metadata has no name in a message, nothing else.")]
    private static string? FieldLeadingTo(object holder, object target)
    {
        for (Type? t = holder.GetType(); t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(DeclaredInstance))
            {
                if (field.FieldType.IsPrimitive || field.FieldType.IsPointer || field.FieldType.IsFunctionPointer)
                    continue;
                object? value = field.GetValue(holder);
                if (ReferenceEquals(value, target))
                    return NameOf(field);
                if (value is not null && field.FieldType.IsValueType && FieldLeadingTo(value, target) is { } inner)
                    return $"{NameOf(field)}.{inner}";
            }
        }

        return null;
    }

    /// <summary>The name of a field, or of the property it belongs to.</summary>
    private static string NameOf(FieldInfo field) =>
        field.Name is ['<', .. var name] && name.IndexOf('>', StringComparison.Ordinal) is > 0 and var end ? name[..end] : field.Name;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Step(object Object, int Parent, nint Offset);

    private readonly struct Visitor(GraphPath path, int parent) : IReferenceVisitor
    {
        public bool Visit(object child, nint offset) => path.VisitReferenced(child, parent, offset);
    }
}
