using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Text;

/// <summary>Texts that are hard to cut, and ways to cut them.</summary>
internal static class Texts
{
    public const string Family = "\U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466";

    public const string Flag = "\U0001F1E9\U0001F1EA";

    public static readonly string ManyMarks = "a" + new string('\u0301', 10_000);

    /// <summary>One rune or half of one, for each class that UAX #29 knows.</summary>
    private static readonly string[] Parts =
    [
        "a", "é", "\r", "\n", "\t", "\u00AD", "\u0301", "\u200D", "\uFE0F", "\u00A9", "\U0001F469", "\U0001F3FD", "\U0001F1E9", "\U0001F1EA", "\u0600", "\U000110BD", "\u0903",
        "\u1100", "\u1161", "\u11A8", "\uAC00", "\uAC01", "\u0915", "\u094D", "\u0937", "\u4E2D", "\U00020000", "\U000E0067", "\uD83D", "\uDC69", "\uD800", "\uFFFD",
    ];

    private static readonly string[] Pieces =
    [
        "word ", "The quick brown fox jumps over the lazy dog. ", "line\r\n", "naïve café ", "\u4E2D\u6587\u5B57\u7B26", "\U0001F600", Family, Flag, "e\u0301",
        "\U0001F468\U0001F3FB\u200D\u2764\uFE0F\u200D\U0001F48B\u200D\U0001F468\U0001F3FF", "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "1\uFE0F\u20E3",
        "\u0915\u094D\u0937\u093F", "\u1100\u1161\u11A8", "\uD83D", "\uDC69", "", "\u0E01\u0E33",
    ];

    /// <summary>What is one long cluster, or looks like it until it is read from its beginning, when it is repeated.</summary>
    private static readonly string[] Endless =
    [
        "\u0301", "\U0001F1E9", "\u200D\U0001F469", "\U0001F469\u200D", "\u0600", "\U000110BD", "\u1100", "\u1161", "\u200D", "\u0903", "\uFE0F\u200D\U0001F469", "\u0301\u200D",
        "\U0001F3FD", "\u094D\u0915", "\uD83D", "\uDC69", "\r\n", "\u4E2D", "x",
    ];

    private static readonly Gen<string> Short = Gen.Elements(Parts).ArrayOf().Select(string.Concat);

    private static readonly Gen<string> Natural = Gen.Elements(Pieces).ArrayOf().Select(string.Concat);

    private static readonly Gen<string> Long =
        from before in Short
        from piece in Gen.Elements(Endless)
        from times in Gen.Frequency((6, Gen.Choose(0, 40)), (4, Gen.Choose(40, 400)), (1, Gen.Choose(400, 3000)))
        from after in Short
        select before + string.Concat(Enumerable.Repeat(piece, times)) + after;

    /// <summary>Well-formed or not, of up to some thousand chars.</summary>
    public static readonly Gen<string> Any = Gen.Frequency(
        (6, Short), (6, Natural), (8, Long),
        (4, Gen.OneOf(Short, Natural, Long).ArrayOf(3).Select(string.Concat)),
        (1, from before in Short from after in Short select before + ManyMarks + after));

    public static readonly Gen<string> Markers = Gen.Elements(
        "…", "…", "...", "", " [cut] ", "\U0001F1E9", "\u0301", "\u200D", "\u0600", Family, "\n", "\r", "\u00A9", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301");

    public static readonly Gen<int> Lengths = Gen.Frequency((6, Gen.Choose(0, 12)), (6, Gen.Choose(0, 60)), (2, Gen.Choose(60, 300)));

    /// <summary>Every unit and every position.</summary>
    public static IEnumerable<TextTruncation> Truncations(int maxLength, string marker) =>
        from unit in Enum.GetValues<TruncationUnit>()
        from position in Enum.GetValues<TruncationPosition>()
        select new TextTruncation(maxLength, unit, position, marker);

    public static void Check<T>(Gen<T> cases, Action<T> property, int count = 300) =>
        Prop.ForAll(cases.ToArbitrary(), property).Check(Stress.Config(endSize: 40, cases: count));
}
