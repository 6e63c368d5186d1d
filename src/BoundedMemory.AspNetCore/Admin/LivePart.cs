namespace BoundedMemory;

/// <summary>Items and bytes of a primitive.</summary>
internal readonly record struct AdminFigures(long Items, long Bytes);

/// <summary>A primitive that is alive, without its types.</summary>
/// <param name="Address">What a request names it by: its kind and its name.</param>
/// <param name="Scope">To whose meter it reports.</param>
/// <param name="Trimmable">It, where it can be trimmed and cleared by any thread; else null.</param>
/// <param name="Read">Reads its figures; also once it is disposed.</param>
internal sealed record LivePart(string Address, AdminScope Scope, ITrimmable? Trimmable, Func<AdminFigures> Read);
