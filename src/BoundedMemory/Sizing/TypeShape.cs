using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>What a walk does with an object.</summary>
internal enum Treatment
{
    /// <summary>Charge its own bytes and follow its references.</summary>
    Follow,

    /// <summary>Charge its own bytes and go no further: it has no references, or they lead into the runtime.</summary>
    OwnBytes,

    /// <summary>Charge nothing: somebody else owns it.</summary>
    Foreign,

    /// <summary>Charge what it says about itself (<see cref="IHasSize"/>).</summary>
    Declared,
}

/// <summary>What the walks need to know about a type; made once per type and never changed.</summary>
internal sealed class TypeShape
{
    /// <summary>Treatment of an instance that a measured value refers to, if it is not <see cref="Shared"/>.</summary>
    public required Treatment Referenced { get; init; }

    /// <summary>Treatment of an instance that is the measured value: whoever asks for its size is told, whoever owns it.</summary>
    public required Treatment AsRoot { get; init; }

    /// <summary>Bytes to add to what a box says about itself; zero for a class, which includes itself.</summary>
    public required bool IsBox { get; init; }

    /// <summary>An array whose elements are null or have no references, by its static type: they lead nowhere.</summary>
    public required bool HasLeafElements { get; init; }

    /// <summary>Offsets of the reference slots of an instance with few of them and no special rules; null otherwise.</summary>
    public required int[]? FewSlots { get; init; }

    /// <summary>Offsets of slots marked <see cref="NotOwnedAttribute"/>: from an instance's start or, for an array, from an element's; or null.</summary>
    public required int[]? NotOwnedSlots { get; init; }

    /// <summary>Instances the runtime shares among everybody (default comparers): they cost nothing; or null.</summary>
    public required object[]? Shared { get; init; }

    /// <summary>What to do with an instance that a measured value refers to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Treatment TreatmentOf(object o) => Shared is null ? Referenced : TreatmentOfPossiblyShared(o);

    private Treatment TreatmentOfPossiblyShared(object o)
    {
        foreach (object one in Shared!)
        {
            if (ReferenceEquals(one, o))
                return Treatment.Foreign;
        }

        return Referenced;
    }
}
