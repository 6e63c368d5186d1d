namespace BoundedMemory;

/// <summary>To whose meter a primitive reports.</summary>
internal enum AdminScope
{
    /// <summary>The container's.</summary>
    Container,

    /// <summary>The one of the process, of all that were made without a meter factory.</summary>
    Process,
}
