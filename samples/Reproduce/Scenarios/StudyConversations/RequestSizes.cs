namespace Reproduce;

/// <summary>Sizes of requests, of which the later ones count: at first conversations are short.</summary>
internal sealed class RequestSizes
{
    private readonly List<int> _sizes = [];

    /// <summary>Of the last tenth.</summary>
    public double Average => _sizes.Count == 0 ? 0 : _sizes.Skip(_sizes.Count * 9 / 10).Average();

    public void Add(long bytes) => _sizes.Add((int)bytes);
}
