namespace BoundedMemory.Monitor.Processes;

/// <summary>What a process is called.</summary>
/// <param name="Display">The name that says most; as the process gave it, so it may hold anything.</param>
/// <param name="All">All that it can be asked for by.</param>
internal sealed record ProcessNames(string Display, IReadOnlyList<string> All)
{
    /// <summary>Whether it is one of its names; capitals do not matter.</summary>
    public bool Match(string name) => All.Contains(name, StringComparer.OrdinalIgnoreCase);
}
