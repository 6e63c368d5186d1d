using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Measures messages; data with both forms in which they are kept once they were asked for.</summary>
/// <remarks>A <see cref="DataContent"/> made of bytes keeps its data URI too as soon as that was read, one made of a URI its bytes. A provider reads either when the
/// message is sent, long after it was measured.</remarks>
internal sealed class ChatMessageSizer : Sizer<ChatMessage>
{
    /// <summary>At least what the object itself, the description of its URI, and the headers of the array and the string take.</summary>
    private const long Fixed = 256;

    private readonly Sizer<ChatMessage> _message = ObjectSizer.For<ChatMessage>();
    private readonly Sizer<DataContent> _data = ObjectSizer.For<DataContent>();

    public override SizeResult Measure(in ChatMessage value)
    {
        SizeResult measured = _message.Measure(value);
        long growth = value is null ? 0 : GrowthOf(value.Contents);
        return growth == 0 || measured.Quality == SizeQuality.CapHit ? measured : new SizeResult(measured.Bytes + growth, measured.Objects, SizeQuality.UpperBound);
    }

    private long GrowthOf(IEnumerable<AIContent?> contents)
    {
        if (contents is not IList<AIContent?> list)
        {
            return contents.Sum(GrowthOf);
        }

        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += GrowthOf(list[i]);
        }

        return sum;
    }

    private long GrowthOf(AIContent? content) => content switch
    {
        DataContent data => GrowthOf(data),
        FunctionResultContent { Result: AIContent inner } => GrowthOf(inner),
        FunctionResultContent { Result: IEnumerable<AIContent> inner } => GrowthOf(inner),
        CodeInterpreterToolCallContent { Inputs: { } inputs } => GrowthOf(inputs),
        ToolApprovalRequestContent { ToolCall: { } call } => GrowthOf(call),
        ToolApprovalResponseContent { ToolCall: { } call } => GrowthOf(call),
        not null when ChatContents.OutputsOf(content) is { } outputs => GrowthOf(outputs),
        _ => 0,
    };

    private long GrowthOf(DataContent content)
    {
        DataContent data = ShallowCopies.Copy(content);
        data.AdditionalProperties = null;
        data.Annotations = null;
        data.RawRepresentation = null;
        long now = _data.Measure(data).Bytes;

        // Of the copy: to ask for the bytes may make them.
        long bytes = data.Data.Length;
        long characters = "data:;base64,".Length + data.MediaType.Length + (4 * ((bytes + 2) / 3));
        long names = 2L * (data.MediaType.Length + (data.Name?.Length ?? 0));
        long then = HeapLayout.Align(Fixed + bytes + (2 * characters) + names);
        return Math.Max(0, then - now);
    }
}
