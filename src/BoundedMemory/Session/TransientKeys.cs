namespace BoundedMemory;

/// <summary>The rule by which keys of a session are transient: they belong to the scope (a page) in which they were set, and leave when another is entered.</summary>
/// <remarks>A key is transient if it ends as one of the suffixes, begins as one of the prefixes, or satisfies the predicate. Copied when a store is created.</remarks>
public sealed class TransientKeys
{
    /// <summary>Ends of transient keys.</summary>
    /// <value>Default <c>_data</c>, <c>_cache</c>. Not empty strings.</value>
    public IList<string> Suffixes { get; } = ["_data", "_cache"];

    /// <summary>Beginnings of transient keys.</summary>
    /// <value>Default <c>temp_</c>, <c>old_</c>, <c>cache_</c>. Not empty strings.</value>
    public IList<string> Prefixes { get; } = ["temp_", "old_", "cache_"];

    /// <summary>How suffixes and prefixes are compared.</summary>
    /// <value>Default <see cref="StringComparison.Ordinal"/>.</value>
    public StringComparison Comparison { get; set; } = StringComparison.Ordinal;

    /// <summary>Says of a key that is not transient by its ends whether it is. A pure function, called whenever a value is set, by any thread, under no lock; what it throws reaches
    /// whoever sets the value.</summary>
    /// <value>Default null: none is.</value>
    public Func<string, bool>? Predicate { get; set; }

    /// <summary>Whether a key is transient by this rule.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public bool Contains(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (string suffix in Suffixes)
        {
            if (key.EndsWith(suffix, Comparison))
            {
                return true;
            }
        }

        foreach (string prefix in Prefixes)
        {
            if (key.StartsWith(prefix, Comparison))
            {
                return true;
            }
        }

        return Predicate?.Invoke(key) == true;
    }

    /// <summary>Makes a copy that nobody else can change.</summary>
    internal TransientKeys Copy()
    {
        var copy = new TransientKeys { Comparison = Comparison, Predicate = Predicate };
        CopyTo(Suffixes, copy.Suffixes);
        CopyTo(Prefixes, copy.Prefixes);
        return copy;

        static void CopyTo(IList<string> from, IList<string> to)
        {
            to.Clear();
            foreach (string part in from)
            {
                to.Add(part);
            }
        }
    }
}
