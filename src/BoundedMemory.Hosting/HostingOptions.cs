namespace BoundedMemory;

/// <summary>Errors that several options of this package can have.</summary>
internal static class HostingOptions
{
    /// <summary>A level from which on something is done: it is none that is always reached.</summary>
    public static IEnumerable<OptionError> Level(string option, MemoryPressureLevel? level)
    {
        if (level is < MemoryPressureLevel.Warning or > MemoryPressureLevel.Abort)
        {
            yield return new OptionError(option, level, "must be Warning, Critical or Abort") { IsRange = true };
        }
    }
}
