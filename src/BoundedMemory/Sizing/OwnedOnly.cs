namespace BoundedMemory;

/// <summary>Hides the references in slots marked <see cref="NotOwnedAttribute"/> from a visitor.</summary>
internal readonly unsafe struct OwnedOnly<TVisitor>(TVisitor visitor, int[] notOwnedSlots, MethodTable* type) : IReferenceVisitor
    where TVisitor : struct, IReferenceVisitor
{
    private readonly TVisitor _visitor = visitor;
    private readonly MethodTable* _type = type;

    public bool Visit(object child, nint offset)
    {
        nint slot = _type->HasLength ? (offset - HeapLayout.ElementsAt(_type)) % _type->ComponentSize : offset;

        // Visitors hold a reference to the walk they belong to and change nothing in themselves.
        return Array.IndexOf(notOwnedSlots, (int)slot) >= 0 || _visitor.Visit(child, offset);
    }
}
