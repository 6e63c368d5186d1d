namespace BoundedMemory;

/// <summary>Who speaks in a message.</summary>
public enum MessageRole
{
    /// <summary>The instructions (also called developer message). Never dropped.</summary>
    System = 0,

    /// <summary>The user: a message of theirs begins a turn.</summary>
    User = 1,

    /// <summary>The model.</summary>
    Assistant = 2,

    /// <summary>A tool that was called.</summary>
    Tool = 3,
}
