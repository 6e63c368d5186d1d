namespace Reproduce;

/// <summary>A question to the AI service.</summary>
/// <param name="Key">What it is cached under.</param>
/// <param name="Bytes">About how many bytes its result retains.</param>
/// <param name="Number">Tells it from others.</param>
internal sealed record Question(string Key, int Bytes, int Number);

/// <summary>The AI service: makes up answers and extracts of a given size, always the same for the same question.</summary>
internal static class StudyService
{
    private const string Words = "the cell divides when its membrane folds and each half keeps one copy of every chromosome so that nothing is lost ";

    /// <summary>Characters of a section.</summary>
    private const int SectionLength = 4000;

    /// <summary>Bytes of a result from which on it is not an answer, but the extract of a document.</summary>
    private const int LeastExtract = 64 * Units.KB;

    public static StudyResult Load(Question question) => question.Bytes < LeastExtract ? NewAnswer(question) : NewExtract(question);

    private static Answer NewAnswer(Question question) => new()
    {
        Model = "tutor",
        CreatedAt = DateTime.UnixEpoch.AddSeconds(question.Number),
        Text = NewText(question.Number, (question.Bytes / sizeof(char)) - 300),
        FollowUps = [$"And after step {question.Number % 9}?", $"Why is that so in {question.Key}?"],
        Tokens = new Dictionary<string, int> { ["prompt"] = 200, ["answer"] = question.Bytes / 8 },
    };

    private static DocumentExtract NewExtract(Question question)
    {
        int length = (question.Bytes / sizeof(char)) - 200;
        var sections = new List<Section>((length / SectionLength) + 1);
        for (int i = 0; i < length; i += SectionLength)
        {
            sections.Add(new Section($"Section {sections.Count}", sections.Count + 1, NewText(question.Number + i, Math.Min(SectionLength, length - i))));
        }

        return new DocumentExtract
        {
            Model = "reader",
            CreatedAt = DateTime.UnixEpoch.AddSeconds(question.Number),
            Title = $"Lecture notes {question.Number}",
            Sections = sections,
        };
    }

    private static string NewText(int start, int length) => string.Create(Math.Max(1, length), start, static (text, start) =>
    {
        int from = start % Words.Length;
        while (text.Length > 0)
        {
            int part = Math.Min(text.Length, Words.Length - from);
            Words.AsSpan(from, part).CopyTo(text);
            text = text[part..];
            from = 0;
        }
    });
}
