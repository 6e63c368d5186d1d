namespace Reproduce;

/// <summary>A trade of the desk, about 500 bytes.</summary>
internal sealed record Transaction(int Number, DateTime At, string Symbol, string Side, decimal Quantity, decimal Price, decimal Fee, string OrderId, string Strategy, string Reason)
{
    private static readonly string[] Symbols = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT"];

    public static Transaction Create(int number) => new(
        number,
        DateTime.UnixEpoch.AddMinutes(26 * number),
        Symbols[number % Symbols.Length],
        number % 2 == 0 ? "buy" : "sell",
        0.01m * (1 + (number % 50)),
        20_000 + (number * 37 % 9000),
        0.12m,
        $"ord-{number:D10}",
        "rsi-macd-bollinger",
        $"RSI {25 + (number % 50)} crossed its band, MACD histogram turned {(number % 2 == 0 ? "up" : "down")} on the 15 minute chart, "
        + $"price {number % 9} % from the 20 period average, position sized to risk 1 % of equity");
}

/// <summary>A signal of the desk, about 1 KB: what each indicator said, and why.</summary>
internal sealed record Signal(int Number, DateTime At, string Action, double Confidence, Dictionary<string, double> Indicators, List<string> Reasons)
{
    public static Signal Create(int number) => new(
        number,
        DateTime.UnixEpoch.AddMinutes(15 * number),
        (number % 3) switch { 0 => "buy", 1 => "sell", _ => "hold" },
        0.5 + (number % 50 / 100.0),
        new Dictionary<string, double> { ["rsi"] = number % 100, ["macd"] = number % 7, ["ema20"] = 20_000 + number, ["atr"] = number % 300 },
        [
            $"RSI stands at {number % 100}, trend unbroken since candle {number - 12}",
            $"MACD histogram has turned at candle {number - 3}, signal line {number % 17} ticks away",
            $"close is {number % 5} % above the upper Bollinger band, which has been widening for {number % 30} candles",
            $"volume {number % 40} % above its 20 candle average, no news in the last {number % 12} hours",
        ]);
}

/// <summary>A line of the desk's log, about 200 bytes.</summary>
internal sealed record LogLine(int Number, DateTime At, string Level, string Text)
{
    public static LogLine Create(int number) => new(
        number,
        DateTime.UnixEpoch.AddMilliseconds(100L * number),
        number % 20 == 0 ? "WARNING" : "INFO",
        $"order book refreshed, {number % 40} levels, {number % 9} ms behind");
}
