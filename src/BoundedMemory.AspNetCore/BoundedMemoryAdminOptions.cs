namespace BoundedMemory;

/// <summary>What <c>MapBoundedMemory</c> shows, and to whom. Read once, when the endpoint is mapped.</summary>
public sealed class BoundedMemoryAdminOptions
{
    /// <summary>What a request must present: as <c>Authorization: Bearer TOKEN</c>.</summary>
    /// <value>Default null: nothing is mapped, and requests get what an unknown path gets. 16 to 256 visible ASCII characters; make them at random. Kept only as a keyed
    /// hash once it is mapped; what the configuration holds stays there.</value>
    public string? Token { get; set; }

    /// <summary>Whether <c>GET</c> may also present the token as the query parameter <c>admin_token</c>. Addresses end up in logs, histories and referrers: of this server, of proxies, of
    /// browsers. <c>POST</c> never takes it from there.</summary>
    /// <value>Default false.</value>
    public bool AllowQueryToken { get; set; }

    /// <summary>Whether primitives are part of it that were made without a meter factory, by plain <c>new</c>. They belong to the process, and every container of it would show them.</summary>
    /// <value>Default true.</value>
    public bool IncludeProcessWide { get; set; } = true;

    /// <summary>How many primitives of each kind an answer lists; of more, those that hold most, and how many are missing is said.</summary>
    /// <value>Default 1000. 1 to 100,000.</value>
    public int MaxParts { get; set; } = 1000;

    /// <summary>What is wrong with options. Never says what the token is.</summary>
    internal static IEnumerable<OptionError> FindErrors(BoundedMemoryAdminOptions options) =>
    [
        .. OptionErrors.When(
            options.Token is { } token && !AdminToken.IsLegal(token), nameof(Token), "not shown",
            $"must be null, or {AdminToken.LeastLength} to {AdminToken.MostLength} visible ASCII characters"),
        .. OptionErrors.Range<int>(nameof(MaxParts), options.MaxParts, 1, 100_000),
    ];
}
