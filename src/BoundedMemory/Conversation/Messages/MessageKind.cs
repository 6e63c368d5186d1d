namespace BoundedMemory;

/// <summary>What a message has to do with those beside it.</summary>
public enum MessageKind
{
    /// <summary>Nothing: it stands alone. Also one whose calls are all answered within the message itself.</summary>
    Text = 0,

    /// <summary>It calls tools, or asks for an approval, and belongs together with the results that follow.</summary>
    Call = 1,

    /// <summary>It answers calls of messages before it.</summary>
    Result = 2,

    /// <summary>Nothing but the model's reasoning: belongs together with what the model says next.</summary>
    Reasoning = 3,
}
