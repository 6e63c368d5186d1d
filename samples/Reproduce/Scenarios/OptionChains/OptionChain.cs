namespace Reproduce;

/// <summary>One contract of a chain, with the fields that market data services return.</summary>
internal sealed class OptionQuote
{
    public required string Contract { get; init; }
    public required DateOnly Expiration { get; init; }
    public required bool IsCall { get; init; }
    public required double Strike { get; init; }
    public required double Bid { get; init; }
    public required double Ask { get; init; }
    public required double Last { get; init; }
    public required double Mark { get; init; }
    public required double Open { get; init; }
    public required double High { get; init; }
    public required double Low { get; init; }
    public required double Close { get; init; }
    public required double Change { get; init; }
    public required double IntrinsicValue { get; init; }
    public required double TimeValue { get; init; }
    public required double ImpliedVolatility { get; init; }
    public required double Delta { get; init; }
    public required double Gamma { get; init; }
    public required double Theta { get; init; }
    public required double Vega { get; init; }
    public required double Rho { get; init; }
    public required int BidSize { get; init; }
    public required int AskSize { get; init; }
    public required int Volume { get; init; }
    public required int OpenInterest { get; init; }
    public required DateTime LastTrade { get; init; }
}

/// <summary>The contracts of one expiration, by strike.</summary>
internal sealed class Expiry
{
    public required DateOnly Date { get; init; }
    public required List<OptionQuote> Calls { get; init; }
    public required List<OptionQuote> Puts { get; init; }
}

/// <summary>What one call of the market data service returns, and what is cached: all contracts of one symbol.</summary>
internal sealed class OptionChain
{
    public required string Symbol { get; init; }
    public required double Spot { get; init; }
    public required SortedDictionary<DateOnly, Expiry> Expiries { get; init; }

    /// <summary>Something to compute for a page, as dashboards do.</summary>
    public double PutCallRatio => Expiries.Values.Sum(e => (double)e.Puts.Sum(q => q.OpenInterest)) / Expiries.Values.Sum(e => (double)e.Calls.Sum(q => q.OpenInterest));
}
