namespace BoundedMemory;

/// <summary>What a snapshot shows of a message whose content is not kept.</summary>
public enum WithoutContent
{
    /// <summary>A placeholder (<see cref="IMessageAdapter{TMessage}.CreatePlaceholder"/>).</summary>
    Placeholder = 0,

    /// <summary>Nothing; of a group of calls and results all or nothing: it is left out once one of its messages has no content.</summary>
    Omit = 1,
}
