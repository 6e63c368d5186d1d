namespace BoundedMemory;

/// <summary>What an entry is going to be, whatever its key and value are; checked, and worked out once for all that set nothing of their own.</summary>
/// <param name="Placement">Its tier, and whether its deadline comes after those of all before it.</param>
/// <param name="Traits">Its traits, the tier included; they say of which class it is.</param>
/// <param name="Bytes">Bytes of the entry itself.</param>
/// <param name="Lives">Milliseconds that it lives; null: for ever.</param>
/// <param name="Idles">Milliseconds that it may go unused; null: any number.</param>
/// <param name="ValueBytes">What its value retains, where that is declared.</param>
/// <param name="Weight">Its weight, where that is declared.</param>
internal readonly record struct EntryPlan(
    Placement Placement, EntryTraits Traits, long Bytes, long? Lives, long? Idles, long? ValueBytes, long? Weight);
