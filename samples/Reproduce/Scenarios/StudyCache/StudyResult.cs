namespace Reproduce;

/// <summary>Something the AI service has answered and the backend keeps.</summary>
internal abstract class StudyResult
{
    public required string Model { get; init; }
    public required DateTime CreatedAt { get; init; }
}

/// <summary>An answer in a conversation.</summary>
internal sealed class Answer : StudyResult
{
    public required string Text { get; init; }
    public required List<string> FollowUps { get; init; }
    public required Dictionary<string, int> Tokens { get; init; }
}

/// <summary>The text of a document, section by section.</summary>
internal sealed class DocumentExtract : StudyResult
{
    public required string Title { get; init; }
    public required List<Section> Sections { get; init; }
}

/// <summary>A part of a document.</summary>
internal sealed record Section(string Heading, int Page, string Text);
