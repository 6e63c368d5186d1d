namespace BoundedMemory;

/// <summary>What <c>POST</c> answers: what was asked for, and what each primitive gave. <see cref="Omitted"/> of them are not in <see cref="Parts"/>, but in
/// <see cref="GivenBytes"/>; <see cref="LeftOut"/> are those that only their own thread may touch.</summary>
internal sealed record AdminOutcome(
    string Action, string Part, long? Bytes, long GivenBytes, int Count, int Omitted, IReadOnlyList<AdminOutcomePart> Parts, IReadOnlyList<string> LeftOut);

/// <summary>What one primitive gave. Before and after are readings of two moments: what others added or removed in between is in them.</summary>
internal sealed record AdminOutcomePart(
    string Part, AdminScope Scope, long GivenBytes, long ItemsBefore, long ItemsAfter, long BytesBefore, long BytesAfter, string? Error);
