using System.Globalization;
using System.Text;

namespace BoundedMemory.Tests.Conversation.Text;

/// <summary>The rules of cutting, tried out length by length.</summary>
internal sealed class NaiveTruncator
{
    private readonly string _text;

    private readonly TruncationUnit _unit;

    private readonly HashSet<int> _clusters;

    private readonly HashSet<int> _runes;

    private NaiveTruncator(string text, TruncationUnit unit)
    {
        (_text, _unit) = (text, unit);
        _clusters = ClusterBoundaries(text);
        _runes = RuneBoundaries(text);
    }

    public static HashSet<int> ClusterBoundaries(string text) => [.. StringInfo.ParseCombiningCharacters(text), text.Length];

    public static HashSet<int> RuneBoundaries(string text) =>
        [.. Enumerable.Range(0, text.Length + 1).Where(at => at == 0 || at == text.Length || !char.IsSurrogatePair(text[at - 1], text[at]))];

    public static int Count(string text, TruncationUnit unit) => unit switch
    {
        TruncationUnit.Char => text.Length,
        TruncationUnit.Rune => text.EnumerateRunes().Count(),
        TruncationUnit.Grapheme => new StringInfo(text).LengthInTextElements,
        _ => Encoding.UTF8.GetByteCount(text),
    };

    public static bool Fits(string text, TruncationUnit unit, int units, int chars) =>
        Count(text, unit) <= units && (unit != TruncationUnit.Grapheme || text.Length <= chars);

    public static (string Start, string Marker, string End) Cut(string text, TextTruncation t)
    {
        int most = 32 * t.MaxLength;
        if (Fits(text, t.Unit, t.MaxLength, most))
        {
            return (text, "", "");
        }

        string marker = Fits(t.Marker, t.Unit, t.MaxLength, most) ? t.Marker : "";
        var naive = new NaiveTruncator(text, t.Unit);
        (int Units, int Chars) room = (t.MaxLength - Count(marker, t.Unit), most - marker.Length);
        switch (t.Position)
        {
            case TruncationPosition.End:
                return (naive.Start(room, room), marker, "");
            case TruncationPosition.Start:
                return ("", marker, naive.End(room, room));
            default:
                string start = naive.Start(((room.Units + 1) / 2, (room.Chars + 1) / 2), room);
                return (start, marker, naive.End((room.Units - Count(start, t.Unit), room.Chars - start.Length), room));
        }
    }

    private string Start((int Units, int Chars) limit, (int Units, int Chars) room)
    {
        string start = LongestStart(_clusters, limit);
        int first = _clusters.Where(at => at > 0).Min();
        return start.Length == 0 && !Fits(_text[..first], _unit, room.Units, room.Chars) ? LongestStart(_runes, limit) : start;
    }

    private string End((int Units, int Chars) limit, (int Units, int Chars) room)
    {
        string end = LongestEnd(_clusters, limit);
        int last = _clusters.Where(at => at < _text.Length).Max();
        return end.Length == 0 && !Fits(_text[last..], _unit, room.Units, room.Chars) ? LongestEnd(_runes, limit) : end;
    }

    private string LongestStart(HashSet<int> boundaries, (int Units, int Chars) limit) =>
        Lengths(limit).Where(boundaries.Contains).Select(length => _text[..length]).First(start => Fits(start, _unit, limit.Units, limit.Chars));

    private string LongestEnd(HashSet<int> boundaries, (int Units, int Chars) limit) =>
        Lengths(limit).Where(length => boundaries.Contains(_text.Length - length)).Select(length => _text[^length..]).First(end => Fits(end, _unit, limit.Units, limit.Chars));

    /// <summary>No unit but a grapheme has more than two chars.</summary>
    private IEnumerable<int> Lengths((int Units, int Chars) limit)
    {
        int most = Math.Min(_text.Length, _unit == TruncationUnit.Grapheme ? limit.Chars : 2 * limit.Units);
        return Enumerable.Range(0, most + 1).Select(i => most - i);
    }
}
