namespace BoundedMemory;

/// <summary>Marks what a value refers to but does not own, so that measuring the value does not charge it.</summary>
/// <remarks>
/// <para>On a field: the reference (every reference, if the field is a struct) is not followed. The object is still charged when another,
/// unmarked path leads to it. On an automatic property or a record parameter write <c>[field: NotOwned]</c>.</para>
/// <para>On a class (inherited by subclasses): references to its instances cost nothing. An instance that is itself the measured
/// value is measured like any other.</para>
/// <para>Where a trimmer removed the metadata of a field, inside a <see cref="Nullable{T}"/>, and on fields of classes with a finalizer the
/// mark is not seen and the measurement errs upwards.</para>
/// </remarks>
/// <example>
/// <code>
/// private sealed class Row(Table table, string name)
/// {
///     [NotOwned] private readonly Table _table = table; // shared by all rows: whoever caches the table pays for it
///     private readonly string _name = name;
///
///     public string Title => $"{_name}, {_table.Cells.Length} cells";
/// }
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field, AllowMultiple = false, Inherited = true)]
public sealed class NotOwnedAttribute : Attribute;
