using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Copies of contents of any type, derived and future ones included, which have no copy constructor.</summary>
internal static class ShallowCopies
{
    public static T Copy<T>(T content)
        where T : AIContent => (T)MemberwiseClone(content);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object MemberwiseClone(object instance);
}
