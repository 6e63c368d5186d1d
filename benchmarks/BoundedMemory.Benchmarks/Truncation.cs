using System.Globalization;
using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does cutting a text to 200 cost, by what is counted and where it is cut?</summary>
[MemoryDiagnoser]
public class Truncation
{
    private const int MaxLength = 200;

    private readonly char[] _destination = new char[10_000];
    private readonly string _fits = new('x', MaxLength);

    private string _text = "";
    private TextTruncation _truncation;

    public enum Kind
    {
        Ascii,
        Emoji,
        Marks,
    }

    /// <summary>Of 10,000 chars.</summary>
    [ParamsAllValues]
    public Kind Text { get; set; }

    [ParamsAllValues]
    public TruncationUnit Unit { get; set; }

    [Params(TruncationPosition.End, TruncationPosition.Middle)]
    public TruncationPosition Position { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string piece = Text switch
        {
            Kind.Ascii => "The quick brown fox. ",
            Kind.Emoji => "so \U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 it is ",
            _ => "\u0301",
        };
        _text = string.Concat(Enumerable.Repeat(piece, 10_000 / piece.Length));
        _truncation = new TextTruncation(MaxLength, Unit, Position);
    }

    /// <summary>What one writes without it: splits pairs and clusters, and does not count the marker.</summary>
    [Benchmark(Baseline = true)]
    public string Substring() => _text[..MaxLength] + "…";

    /// <summary>What one writes for graphemes: finds all of them.</summary>
    [Benchmark]
    public string SubstringByTextElements()
    {
        var text = new StringInfo(_text);
        return text.SubstringByTextElements(0, Math.Min(MaxLength, text.LengthInTextElements)) + "…";
    }

    [Benchmark]
    public string Truncate() => TextTruncator.Truncate(_text, _truncation);

    [Benchmark]
    public bool TryTruncate() => TextTruncator.TryTruncate(_text, _truncation, _destination, out _);

    [Benchmark]
    public string TruncateWhatFits() => TextTruncator.Truncate(_fits, _truncation);
}
