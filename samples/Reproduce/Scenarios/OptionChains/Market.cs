using System.Globalization;
using BoundedMemory;

namespace Reproduce;

/// <summary>Something that options are traded on. Lives as long as the process; what is cached does not own it.</summary>
/// <param name="Symbol">Its name.</param>
/// <param name="Number">Tells it from others.</param>
/// <param name="Strikes">Strikes of each expiration.</param>
[NotOwned]
internal sealed record Instrument(string Symbol, int Number, int Strikes);

/// <summary>The market data service: makes up chains of 5 to 10 MB, the same ones whenever it is asked at the same time.</summary>
internal sealed class Market(TimeProvider clock)
{
    private const int Expirations = 40;

    /// <summary>Strikes of the smallest and of the largest chain: 5 and 10 MB.</summary>
    private const int FewestStrikes = 242;
    private const int MostStrikes = 482;

    /// <summary>An instrument whose chains are of one of 16 sizes, evenly spread over 5 to 10 MB.</summary>
    /// <param name="number">Which.</param>
    /// <param name="part">What part of those 5 to 10 MB.</param>
    public static Instrument Instrument(int number, double part)
    {
        string symbol = string.Create(3, number, static (letters, n) =>
        {
            for (int i = 0; i < letters.Length; i++, n /= 26)
            {
                letters[i] = (char)('A' + (n % 26));
            }
        });
        double strikes = FewestStrikes + ((MostStrikes - FewestStrikes) * (number * 7 % 16) / 15.0);
        return new Instrument(symbol, number, (int)(strikes * part));
    }

    public OptionChain Load(Instrument instrument)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var random = new Random(HashOf(instrument.Number, clock.GetTimestamp()));
        double spot = 50 + (instrument.Number * 3) + random.NextDouble();
        var expiries = new SortedDictionary<DateOnly, Expiry>();
        for (int week = 0; week < Expirations; week++)
        {
            DateOnly date = today.AddDays(7 * week);
            expiries.Add(date, new Expiry
            {
                Date = date,
                Calls = Quotes(instrument, date, spot, isCall: true, random),
                Puts = Quotes(instrument, date, spot, isCall: false, random),
            });
        }

        return new OptionChain { Symbol = instrument.Symbol, Spot = spot, Expiries = expiries };
    }

    private List<OptionQuote> Quotes(Instrument instrument, DateOnly expiration, double spot, bool isCall, Random random)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var quotes = new List<OptionQuote>(instrument.Strikes);
        for (int i = 0; i < instrument.Strikes; i++)
        {
            // Prices only have to look like some: the shape and the size of the graph are the point.
            double strike = Math.Round(spot * (0.5 + ((double)i / instrument.Strikes)), 1);
            double intrinsic = Math.Max(0, isCall ? spot - strike : strike - spot);
            double time = spot * 0.05 * random.NextDouble();
            double price = intrinsic + time;
            double delta = (isCall ? 1 : -1) * price / (price + spot);
            int volume = random.Next(5000);
            quotes.Add(new OptionQuote
            {
                Contract = string.Create(CultureInfo.InvariantCulture, $"{instrument.Symbol,-6}{expiration:yyMMdd}{(isCall ? 'C' : 'P')}{strike * 1000:00000000}"),
                Expiration = expiration,
                IsCall = isCall,
                Strike = strike,
                Bid = price * 0.99,
                Ask = price * 1.01,
                Last = price,
                Mark = price,
                Open = price * 0.98,
                High = price * 1.05,
                Low = price * 0.95,
                Close = price * 1.02,
                Change = price * -0.02,
                IntrinsicValue = intrinsic,
                TimeValue = time,
                ImpliedVolatility = time / spot,
                Delta = delta,
                Gamma = delta * (1 - Math.Abs(delta)),
                Theta = time * -0.01,
                Vega = time * 0.1,
                Rho = delta * 0.01,
                BidSize = volume % 100,
                AskSize = volume % 90,
                Volume = volume,
                OpenInterest = volume + 100,
                LastTrade = now,
            });
        }

        return quotes;
    }

    /// <summary>Unlike <see cref="HashCode"/>, the same in every process.</summary>
    private static int HashOf(int number, long time) => (int)(((ulong)number * 0x9E3779B97F4A7C15 ^ (ulong)time * 0xC2B2AE3D27D4EB4F) >> 33);
}
